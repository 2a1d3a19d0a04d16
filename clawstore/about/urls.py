from django.urls import path

from clawstore.about import author_guide, machines, views

urlpatterns = [
    path("about/<slug:chapter>", views.about, name="about"),
    path("guide/authors", author_guide.author_guide, name="author_guide"),
    path("guide/agent-starter.tgz", author_guide.starter, name="agent_starter"),
    path("agent.schema.json", author_guide.agent_schema, name="agent_schema"),
    path("favicon.ico", machines.favicon, name="favicon"),
    path("opensearch.xml", machines.opensearch, name="opensearch"),
    path("robots.txt", machines.robots, name="robots"),
    path("llms.txt", machines.llms, name="llms"),
    path(".well-known/security.txt", machines.security_txt, name="security_txt"),
    path(".well-known/api-catalog", machines.api_catalog, name="api_catalog"),
    path("sitemap.xml", machines.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>-<int:page>.xml", machines.sitemap, name="sitemap_section"),
]
