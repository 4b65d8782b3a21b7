CREATE TABLE "deployment" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"deployment_id" text NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deployment_is_only" CHECK ("deployment"."is_only")
);
--> statement-breakpoint
CREATE TABLE "sealing_keys" (
	"key_id" text PRIMARY KEY NOT NULL,
	"probe" "bytea",
	"sealed_values" bigint DEFAULT 0 NOT NULL,
	"counted_at" timestamp with time zone
);
