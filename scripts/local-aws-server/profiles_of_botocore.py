"""Prints what botocore makes of AWS configuration, one JSON object for each JSON object on standard input.

Input: {"variables": {...}, "profile": NAME or null}. Output: {"region", "id", "secret", "token", "until"} or {"error"}.
Sessions of roles are taken from, and kept in, the cache of the AWS command line.
"""

import json
import os
import sys

import botocore.session
from botocore.utils import JSONFileCache

for line in sys.stdin:
    case = json.loads(line)
    os.environ.clear()
    os.environ.update(case["variables"])
    answer = {}
    try:
        session = botocore.session.Session(profile=case["profile"])
        answer["region"] = session.get_config_variable("region")
        resolver = session.get_component("credential_provider")
        cache = JSONFileCache(os.path.expanduser("~/.aws/cli/cache"))
        resolver.get_provider("assume-role").cache = cache
        credentials = session.get_credentials()
        if credentials is not None:
            frozen = credentials.get_frozen_credentials()
            answer.update(id=frozen.access_key, secret=frozen.secret_key, token=frozen.token)
            end = getattr(credentials, "_expiry_time", None)
            answer["until"] = end and str(int(end.timestamp()))
    except Exception as error:  # whatever it is, it is botocore's answer
        answer = {"error": type(error).__name__ + ": " + str(error)}
    print(json.dumps(answer), flush=True)
