"""The JSON API, ``/api/v1``: for programs, by the token of ``ops.token``. Its OpenAPI document is made from it.

Rows are those of the commands' ``--json``: ids are text, instants ISO 8601 in the rule set's zone.
"""
