CREATE TABLE "file_notes" (
	"integration_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"key" uuid NOT NULL,
	"parts" jsonb NOT NULL,
	"noted_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "file_notes_integration_id_file_id_key_pk" PRIMARY KEY("integration_id","file_id","key")
);
--> statement-breakpoint
CREATE TABLE "rejected_rows" (
	"run_id" uuid NOT NULL,
	"line" bigint NOT NULL,
	"column_name" text,
	"reason" text NOT NULL,
	"raw" text,
	CONSTRAINT "rejected_rows_run_id_line_pk" PRIMARY KEY("run_id","line")
);
--> statement-breakpoint
ALTER TABLE "file_notes" ADD CONSTRAINT "file_notes_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejected_rows" ADD CONSTRAINT "rejected_rows_run_id_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "file_notes_age" ON "file_notes" USING brin ("noted_at");