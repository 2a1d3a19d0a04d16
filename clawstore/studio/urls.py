"""URL patterns of the studio."""

from django.urls import path, register_converter

from clawstore.studio import (
    assets,
    feedback,
    form_pages,
    history,
    items,
    members,
    operations,
    overview,
    previews,
    reviews,
    sales,
    several,
    state,
    submissions,
    types,
    webhooks,
    workflows,
)
from clawstore.studio.addresses import DomainConverter, JobConverter, StateConverter

register_converter(DomainConverter, "studio")
register_converter(StateConverter, "state")
register_converter(JobConverter, "change")

DOMAIN = "studio/<studio:name>"
TYPE = f"{DOMAIN}/types/<slug:slug>"
FORM = f"{DOMAIN}/forms/<slug:slug>"
ITEM = f"{DOMAIN}/items/<uuid:item_id>"
WEBHOOK = f"{DOMAIN}/webhooks/<uuid:webhook_id>"
urlpatterns = [
    path("studio", overview.index, name="studio"),
    path(DOMAIN, overview.overview, name="studio_domain"),
    path(f"{DOMAIN}/new-type", types.new_type, name="studio_new_type"),
    path(f"{DOMAIN}/new-type/<slug:slug>", types.add_ready_made, name="studio_ready_made"),
    path(f"{TYPE}/fields", types.edit_type, name="studio_edit_type"),
    path(f"{TYPE}/delete", types.delete_type, name="studio_delete_type"),
    path(f"{TYPE}/code", types.type_code, name="studio_type_code"),
    path(f"{TYPE}/code/<slug:kind>", types.type_file, name="studio_type_file"),
    path(TYPE, overview.type_items, name="studio_type"),
    path(f"{TYPE}/new", items.new_item, name="studio_new_item"),
    path(f"{TYPE}/publish", several.publish_items, name="studio_publish_items"),
    path(f"{TYPE}/workflow", workflows.workflow, name="studio_workflow"),
    path(f"{DOMAIN}/reviews", reviews.inbox, name="studio_reviews"),
    path(f"{DOMAIN}/reviews/<uuid:task_id>", reviews.review, name="studio_review"),
    path(f"{DOMAIN}/feedback", feedback.feedback, name="studio_feedback"),
    path(f"{ITEM}/feedback", feedback.item_feedback, name="studio_item_feedback"),
    path(
        f"{DOMAIN}/feedback/<uuid:token_id>/revoke",
        feedback.revoke_link,
        name="studio_revoke_feedback",
    ),
    path(f"{DOMAIN}/forms", form_pages.form_list, name="studio_forms"),
    path(f"{DOMAIN}/forms/new", form_pages.new_form, name="studio_new_form"),
    path(f"{FORM}/edit", form_pages.edit_form, name="studio_edit_form"),
    path(f"{FORM}/preview", form_pages.preview_form, name="studio_preview_form"),
    path(f"{FORM}/switch", form_pages.switch_form, name="studio_switch_form"),
    path(f"{FORM}/export", submissions.export_submissions, name="studio_export_form"),
    path(FORM, submissions.form_submissions, name="studio_form"),
    path(
        f"{DOMAIN}/submissions/<uuid:submission_id>",
        submissions.submission,
        name="studio_submission",
    ),
    path(f"{DOMAIN}/sales", sales.sales, name="studio_sales"),
    path(f"{DOMAIN}/sales/<uuid:entitlement_id>", sales.sale, name="studio_sale"),
    path(f"{DOMAIN}/offers/<uuid:offer_id>", sales.offer, name="studio_offer"),
    path(f"{TYPE}/sales", sales.type_sales, name="studio_type_sales"),
    path(f"{ITEM}/sales", sales.item_sales, name="studio_item_sales"),
    path(f"{DOMAIN}/members", members.members, name="studio_members"),
    path(f"{DOMAIN}/members/<str:login>", members.member, name="studio_member"),
    path(f"{DOMAIN}/invitation", members.answer_invitation, name="studio_invitation"),
    path(f"{DOMAIN}/activity", members.activity, name="studio_activity"),
    path(f"{DOMAIN}/jobs", operations.jobs, name="studio_jobs"),
    path(f"{DOMAIN}/decisions", operations.decisions, name="studio_decisions"),
    path(f"{DOMAIN}/webhooks", webhooks.webhooks, name="studio_webhooks"),
    path(f"{DOMAIN}/webhooks/events", webhooks.event_help, name="studio_event_help"),
    path(WEBHOOK, webhooks.webhook, name="studio_webhook"),
    path(f"{WEBHOOK}/deliveries/<uuid:delivery_id>", webhooks.delivery, name="studio_delivery"),
    path(f"{DOMAIN}/markdown", items.markdown, name="studio_markdown"),
    path(f"{DOMAIN}/assets", assets.assets, name="studio_assets"),
    path(f"{DOMAIN}/assets/<uuid:asset_id>/delete", assets.delete, name="studio_delete_asset"),
    path(f"{DOMAIN}/scheduled", state.planned, name="studio_planned"),
    path(f"{DOMAIN}/deleted", state.deleted, name="studio_deleted"),
    path(f"{DOMAIN}/jobs/<uuid:job_id>/<change:change>", state.change_job, name="studio_job"),
    path(ITEM, items.edit_item, name="studio_item"),
    path(f"{ITEM}/copy", items.copy_item, name="studio_copy_item"),
    path(f"{ITEM}/history", history.history, name="studio_history"),
    path(f"{ITEM}/versions/<int:number>", history.version, name="studio_version"),
    path(f"{ITEM}/changes/<int:old>...<int:new>", history.changes, name="studio_changes"),
    path(f"{ITEM}/uses", history.uses, name="studio_uses"),
    path(f"{ITEM}/submit", reviews.submit, name="studio_submit"),
    path(f"{ITEM}/comments", reviews.comment, name="studio_comment"),
    path(f"{ITEM}/schedule", state.schedule, name="studio_schedule"),
    path(f"{ITEM}/preview", previews.preview_links, name="studio_preview"),
    path(f"{ITEM}/<state:change>", state.change_state, name="studio_state"),
    path("preview/<str:token>", previews.preview, name="preview"),
]
