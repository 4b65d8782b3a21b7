CREATE TABLE "import_formats" (
	"integration_id" uuid NOT NULL,
	"name" text NOT NULL,
	"header" jsonb NOT NULL,
	"settings" jsonb NOT NULL,
	"answers" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "import_formats_integration_id_name_pk" PRIMARY KEY("integration_id","name"),
	CONSTRAINT "import_formats_name" CHECK (length("import_formats"."name") between 1 and 100)
);
--> statement-breakpoint
ALTER TABLE "import_formats" ADD CONSTRAINT "import_formats_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;