using BenchmarkDotNet.Running;
using Lockstep.Bench;

if (args is ["throughput", ..])
    return await Throughput.RunAsync(args[1..]);
if (args is ["kernels", ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args[1..]);
    return 0;
}

Console.Error.WriteLine(
    """
    Measures Lockstep on this machine. Every figure is a ratio to something measured in the same run.

      dotnet run -c Release --project bench -- throughput [--data-dir DIR] [--rounds N]
          training on one core beside the core's own peak of fused multiply-adds
      dotnet run -c Release --project bench -- kernels --filter '*'
          each kernel by itself, at each vector width (BenchmarkDotNet)
    """);
return 2;
