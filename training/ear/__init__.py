"""The ear's workshop: trains, judges and describes the network in `src/tocsin/hear/ear.onnx`."""
