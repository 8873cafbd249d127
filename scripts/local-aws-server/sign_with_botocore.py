"""Signs requests as botocore does: JSON lines in, one signature a line out.

Each line of standard input holds url, region, service, fields, body (base64), token (or null) and time
(YYYYMMDDTHHMMSSZ). The key pair is that of AWS's published signing suite.
"""
import base64
import datetime
import json
import sys
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature(request):
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", request["token"])
    prepared = AWSRequest(
        method="POST", url=request["url"], headers=dict(request["fields"]), data=base64.b64decode(request["body"])
    )
    time = datetime.datetime.strptime(request["time"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", lambda *arguments, **options: time):
        botocore.auth.SigV4Auth(credentials, request["service"], request["region"]).add_auth(prepared)
    return prepared.headers["Authorization"]


for line in sys.stdin:
    print(signature(json.loads(line)))
