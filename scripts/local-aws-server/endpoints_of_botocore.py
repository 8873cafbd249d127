"""Prints AWS's own endpoints as botocore works them out, one a line:

service, region, whether FIPS (1 or 0), whether dual-stack, URL, region of the signature.
"""
import itertools
import os

import botocore.session
from botocore.config import Config
from botocore.exceptions import EndpointVariantError

SERVICES = ["kms", "dynamodb", "sts"]
# A pseudo-region of the model that does not exist, and DynamoDB on the local machine.
ODD = {"ProdFips", "local"}

# Under `scripts/local-aws run` these name the local endpoint.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
session = botocore.session.Session()
session.set_credentials("access key", "secret")
regions = {"xx-newland-1"}
for partition in session.get_available_partitions():
    for service in SERVICES:
        regions.update(session.get_available_regions(service, partition, allow_non_regional=service == "kms"))
for service, region, fips, dual in itertools.product(SERVICES, sorted(regions - ODD), (0, 1), (0, 1)):
    config = Config(
        use_fips_endpoint=bool(fips), use_dualstack_endpoint=bool(dual), account_id_endpoint_mode="disabled"
    )
    try:
        client = session.create_client(service, region_name=region, config=config)
    except EndpointVariantError:
        # The older of its two sources of endpoints, which is asked first, has no dual-stack for some partitions.
        continue
    model = client.meta.service_model
    endpoint = client._ruleset_resolver.construct_endpoint(
        operation_model=model.operation_model(model.operation_names[0]),
        call_args={},
        request_context={"client_config": client.meta.config},
    )
    schemes = endpoint.properties.get("authSchemes") or [{}]
    print(service, region, fips, dual, endpoint.url, schemes[0].get("signingRegion", client.meta.region_name))
