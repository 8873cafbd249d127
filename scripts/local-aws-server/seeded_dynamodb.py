"""DynamoDB as moto has it, and with what moto lacks: a transaction that is repeated with its token is carried out once."""
import json
import threading

from moto.dynamodb import responses
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException

_answers = {}
_lock = threading.Lock()
_transact_write_items_of_moto = responses.DynamoHandler.transact_write_items


def transact_write_items(self):
    token = self.body.get("ClientRequestToken")
    if not token:
        return _transact_write_items_of_moto(self)
    content = json.dumps(self.body.get("TransactItems"), sort_keys=True, default=bytes.hex)
    with _lock:
        if token in _answers:
            first, answer = _answers[token]
            if first != content:
                raise DynamodbException(ERROR_TYPE_PREFIX + "IdempotentParameterMismatchException", "")
            return answer
        answer = _transact_write_items_of_moto(self)
        _answers[token] = (content, answer)  # a cancelled one is thrown, and may be tried again
        return answer


def patch():
    responses.DynamoHandler.transact_write_items = transact_write_items
