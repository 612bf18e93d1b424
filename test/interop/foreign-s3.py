"""Runs a command beside an S3 in memory that is not ours, whose endpoint it finds in its environment.

usage: foreign-s3.py <command> ...
"""

import os
import subprocess
import sys

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "a secret", "AWS_REGION": "us-east-1"}

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
endpoint = "http://{}:{}".format(*server.get_host_and_port())
os.environ.update(KEYS)
boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket="lake")
services = {"TIDEMARK_TEST_FOREIGN_S3": endpoint, "TIDEMARK_TEST_S3": endpoint}
code = subprocess.call(sys.argv[1:], env={**os.environ, **services})
server.stop()
sys.exit(code)
