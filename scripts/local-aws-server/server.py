#!/usr/bin/env python3
"""The local AWS: KMS with seeded keys, DynamoDB and STS on one loopback port, over moto.

    server.py [--port N] --ready-file FILE

The port is written into FILE once requests are answered. No signature is checked.
"""
import argparse
import os
import pathlib

import seeded_keys

THREADS = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready-file", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    # moto reads it when it is imported.
    os.environ["MOTO_ACCOUNT_ID"] = seeded_keys.FIRST_ACCOUNT
    # moto uses botocore to know the services: it must not look for credentials of the user.
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

    import seeded_dynamodb
    import seeded_kms

    seeded_kms.seed(seeded_keys.FIRST_ACCOUNT)
    seeded_kms.patch()
    seeded_dynamodb.patch()

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from waitress import create_server

    # Like AWS it keeps connections, which moto's own server does not. Requests are not logged: they hold plaintexts.
    application = DomainDispatcherApplication(create_backend_app)
    server = create_server(pinned_account(application), host="127.0.0.1", port=arguments.port, threads=THREADS)
    unfinished = arguments.ready_file.with_suffix(".new")
    unfinished.write_text(f"{server.effective_port}\n")
    unfinished.rename(arguments.ready_file)
    server.run()


def pinned_account(application):
    """Lets keys of an assumed role see the same account: moto would look into the role's."""

    def answer(environment, start_response):
        environment["HTTP_X_MOTO_ACCOUNT_ID"] = seeded_keys.FIRST_ACCOUNT
        return application(environment, start_response)

    return answer


if __name__ == "__main__":
    main()
