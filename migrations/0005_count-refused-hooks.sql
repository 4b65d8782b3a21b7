CREATE TABLE "webhook_refusals" (
	"crm_type" text NOT NULL,
	"day" date NOT NULL,
	"answers" bigint NOT NULL,
	CONSTRAINT "webhook_refusals_crm_type_day_pk" PRIMARY KEY("crm_type","day")
);
