"""The pages: parse a form, call what the API calls, show. A page decides nothing and writes only through the store.

One folder for each person a page is for, one file for each thing they do there: `author`, `keeper`, `recipient`,
`host`, and `account` for what all of them do (come in, devices, channels).
"""
