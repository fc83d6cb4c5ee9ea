"""A Modbus TCP server of pymodbus: python3 modbus-pymodbus.py PORT. Holding registers, inputs, coils from address 0."""
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartTcpServer

context = ModbusSlaveContext(
    di=ModbusSequentialDataBlock(0, [1, 0, 1, 1]),
    co=ModbusSequentialDataBlock(0, [0] * 32),
    # 12345.678 as a single of IEEE 754, then 0x0102030405060708.
    hr=ModbusSequentialDataBlock(0, [0x4640, 0xE6B6, 0x0102, 0x0304, 0x0506, 0x0708] + list(range(6, 300))),
    ir=ModbusSequentialDataBlock(0, [0xFFFF, 235]),
    zero_mode=True,
)
StartTcpServer(context=ModbusServerContext(slaves={1: context}, single=False), address=("127.0.0.1", int(sys.argv[1])))
