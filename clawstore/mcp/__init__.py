"""MCP, the door for language models: tools, resources and prompts of this shop.

Every tool is an operation of the JSON API, run inside this process for the caller of the tool.
Rights, limits, validation and refusals are therefore those of the API. Nothing here is imported by
a process until its first message, because the SDK takes a second and 25 MB.
"""
