using System.Globalization;
using System.Net;
using BenchmarkDotNet.Running;
using Lockstep.Bench;
using Lockstep.Bench.Compare;

if (args is ["compare", ..])
    return await CompareCommand.RunAsync(args[1..]);
if (args is ["echo-server", string port, string model, string certificates])
    return EchoServer.Run(int.Parse(port, CultureInfo.InvariantCulture), model, certificates);
if (args is ["simulated-workers", string coordinator, string count, string shardMicroseconds, .. string[] lines])
    return SimulatedWorkers.Run(
        IPEndPoint.Parse(coordinator), int.Parse(count, CultureInfo.InvariantCulture),
        double.Parse(shardMicroseconds, CultureInfo.InvariantCulture),
        lines is [string process] ? int.Parse(process, CultureInfo.InvariantCulture) : null);
if (args is ["settings", ..])
    return await SettingsSearch.RunAsync(args[1..]);
if (args is ["timeline", string dataDirectory, string picture])
    return StepTimeline.Run(dataDirectory, picture);
if (args is ["start", string dataOfStart, string pictureOfStart])
    return StartTimeline.Run(dataOfStart, pictureOfStart);
if (args is ["scaling", string dataOfScaling, string pictureOfScaling])
    return await Scaling.RunAsync(dataOfScaling, pictureOfScaling);
if (args is ["step", string dataOfStep, string workers, string transport, string megabits, .. string[] other])
{
    return await Scaling.StepAsync(
        dataOfStep, int.Parse(workers, CultureInfo.InvariantCulture), transport, int.Parse(megabits, CultureInfo.InvariantCulture),
        other is [string name] ? name : Scaling.Model);
}

if (args is ["recovery", ..])
    return await Recovery.RunAsync(rounds: 7);
if (args is ["kernels", ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args[1..]);
    return 0;
}

Console.Error.WriteLine(
    """
    Measures Lockstep on this machine. Figures stand beside something measured in the same run.

      dotnet run -c Release --project bench -- compare [--data-dir DIR] [--rounds N] [--rows a,b,c,...] [--out DIR]
          the table of docs/performance.md: beside the core's own peak, PyTorch, PyTorch DDP, bare sockets.
          Writes DIR/<date>.json, .md and .svg (bench/results). PyTorch is taken from python3, or from the interpreter
          that LOCKSTEP_PYTHON names; rows that need it are skipped, aloud, without it
      dotnet run -c Release --project bench -- settings [DIR [SEEDS]]
          which settings reach 98% in the fewest epochs: the search behind row d
      dotnet run -c Release --project bench -- recovery
          the longest wait for a step when a worker is killed or stopped, with and without one that stands by (Linux)
      dotnet run -c Release --project bench -- timeline DIR FILE.svg
          which thread runs when in some steps of train --workers 2, as a picture (Linux, perf, the right to trace)
      dotnet run -c Release --project bench -- start DIR FILE.svg
          what the threads of train --workers 2 do until the first step, as a picture (likewise)
      dotnet run -c Release --project bench -- scaling DIR FILE.svg
          a step with 4 to 256 simulated workers beside what 'lockstep bench' foretells, over loopback and over slower lines: the table of
          docs/scaling.md, and a picture (the slower lines: Linux, root, ip and tc)
      dotnet run -c Release --project bench -- step DIR WORKERS stream|slices MEGABITS [MODEL]
          one step of so many simulated workers, each behind a line of its own (0: loopback; Linux, root, ip and tc)
      dotnet run -c Release --project bench -- kernels --filter '*'
          each kernel by itself, at each vector width (BenchmarkDotNet)
    """);
return 2;
