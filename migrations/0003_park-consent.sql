ALTER TABLE "oauth_states" ADD COLUMN "return_url" text;--> statement-breakpoint
ALTER TABLE "oauth_states" ADD COLUMN "ticket_hash" "bytea";--> statement-breakpoint
ALTER TABLE "oauth_states" ADD COLUMN "parked" "bytea";--> statement-breakpoint
ALTER TABLE "oauth_states" ADD CONSTRAINT "oauth_states_ticket_hash_unique" UNIQUE("ticket_hash");