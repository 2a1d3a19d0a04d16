"""Template tags for the states of agents and versions at the desk."""

from django import template

from registry.agents.states import agent_state, version_state

register = template.Library()
register.simple_tag(agent_state)
register.simple_tag(version_state)
