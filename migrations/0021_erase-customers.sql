CREATE TABLE "erased_customers" (
	"business_id" uuid NOT NULL,
	"trait" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"erased_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erased_customers_business_id_trait_hash_pk" PRIMARY KEY("business_id","trait","hash"),
	CONSTRAINT "erased_customers_trait" CHECK ("erased_customers"."trait" in ('phone','email','id'))
);
--> statement-breakpoint
ALTER TABLE "transaction_changes" DROP CONSTRAINT "transaction_changes_source";--> statement-breakpoint
ALTER TABLE "businesses" ADD COLUMN "erasures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "erased_customers" ADD CONSTRAINT "erased_customers_business_id_businesses_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."businesses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- Without the name of the table, which its partitions do not know.
ALTER TABLE "transaction_changes" ADD CONSTRAINT "transaction_changes_source" CHECK ("source" in ('schedule','manual','webhook','import','backfill','undo','erasure'));