/** All six providers, registered (M4.1): availability is a probe, not absence. */
import { MicroVMFactory } from '../factory.ts';
import type { MicroVMProvider } from '../provider.ts';
import { unbuiltProvider } from '../unbuilt.ts';
import { mockProvider } from './mock/provider.ts';
import { processProvider } from './process/provider.ts';

/** A factory with every provider of this version; `wasm` is given, for its worker is found by who builds it. */
export function createFactory(wasm: MicroVMProvider, process: MicroVMProvider = processProvider()): MicroVMFactory {
  const factory = new MicroVMFactory();
  for (const provider of [
    mockProvider(),
    wasm,
    process,
    unbuiltProvider('gvisor', 'user-kernel'),
    unbuiltProvider('firecracker', 'vm'),
    unbuiltProvider('qemu', 'vm'),
  ]) {
    factory.registerProvider(provider);
  }
  return factory;
}
