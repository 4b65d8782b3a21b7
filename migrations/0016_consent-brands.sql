ALTER TABLE "oauth_grants" ADD COLUMN "brand" text;--> statement-breakpoint
ALTER TABLE "oauth_states" ADD COLUMN "brand" text;