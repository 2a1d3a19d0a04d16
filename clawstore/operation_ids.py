"""Public operation ids of the OpenAPI document, by method and path.

A generated client names its functions after these ids, so they must not change when a module
moves. An operation that is not listed here gets the name of its view function.
"""

OPERATION_IDS = {
    "GET /agents": "registry_api_reads_list_agents",
    "POST /agents/publish": "registry_api_publish_publish",
    "GET /agents/{scope}/{name}": "registry_api_reads_get_agent",
    "GET /agents/{scope}/{name}/changes/{old}...{new}": "registry_api_version_diffs_get_changes",
    "GET /agents/{scope}/{name}/downloads": "registry_api_downloads_list_downloads",
    "GET /agents/{scope}/{name}/numbers": "clawstore_pages_own_numbers_api_get_numbers",
    "GET /agents/{scope}/{name}/reviews": "reviews_api_list_reviews",
    "POST /agents/{scope}/{name}/reviews": "reviews_api_post",
    "DELETE /agents/{scope}/{name}/reviews/{review_id}": "reviews_api_delete",
    "PUT /agents/{scope}/{name}/reviews/{review_id}": "reviews_api_edit",
    "DELETE /agents/{scope}/{name}/reviews/{review_id}/reply": "reviews_api_take_reply_back",
    "PUT /agents/{scope}/{name}/reviews/{review_id}/reply": "reviews_api_reply",
    "GET /agents/{scope}/{name}/versions": "registry_api_versions_list_versions",
    "GET /agents/{scope}/{name}/versions/{version}": "registry_api_versions_get_version",
    "GET /agents/{scope}/{name}/versions/{version}/assets/{asset_id}": "registry_api_versions_download_asset",
    "GET /agents/{scope}/{name}/versions/{version}/facts": "registry_api_files_get_facts",
    "GET /agents/{scope}/{name}/versions/{version}/files": "registry_api_files_list_files",
    "GET /agents/{scope}/{name}/versions/{version}/files/{path:path}": "registry_api_files_download_file",
    "GET /agents/{scope}/{name}/versions/{version}/tarball": "registry_api_versions_download_tarball",
    "POST /agents/{scope}/{name}/versions/{version}/unyank": "registry_api_publish_unyank",
    "POST /agents/{scope}/{name}/versions/{version}/yank": "registry_api_publish_yank",
    "GET /categories": "registry_api_reads_list_categories",
    "GET /changes": "registry_api_mirrors_list_changes",
    "GET /health": "clawstore_pages_api_health",
    "GET /index/@{scope}/{name}.json": "registry_api_mirrors_get_index",
    "GET /me": "clawstore_pages_api_me",
    "GET /reports": "moderation_api_list_reports",
    "POST /reports": "moderation_api_file_report",
    "POST /reports/{report_id}/resolve": "moderation_api_resolve",
    "GET /suggest": "registry_api_reads_suggest",
    "POST /updates": "registry_api_updates_list_updates",
    "GET /users/{login}": "clawstore_pages_api_get_user",
    "PUT /users/{login}/profile": "clawstore_pages_api_put_profile",
}
