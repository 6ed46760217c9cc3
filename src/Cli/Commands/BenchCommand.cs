using System.Globalization;
using Lockstep.Cli.Benchmarks;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>bench</c>: how fast this machine trains a model, and how many workers are worth while.</summary>
internal sealed class BenchCommand : CliCommand
{
    public BenchCommand()
        : base("bench", "How fast this machine trains, and how many workers are worth while")
    {
        Take(OptionHeading.Model, SpecOptions.Model);
        Take(OptionHeading.Data, SpecOptions.Data);
        Take(OptionHeading.Training, SpecOptions.Training);
        Take(OptionHeading.Output, [OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Train;

    public override string Details =>
        "Measures, in this process and in some seconds, what a step of a run with these options costs on one core, and a round trip of "
        + "weights and gradient as a run makes it, in shared memory on this machine and in frames to others; predicts from them a step "
        + "with more workers: gradient x (shards of the busiest worker / shards) + update + workers x round trip.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep bench", "the default run"),
        ("lockstep bench --model 784-2048-2048-10 --batch-size 512 --json", "a larger one, as JSON"),
        ("lockstep bench --dataset synthetic", "without any files"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        RunSpec spec;
        ComputeTimes times;
        WorkerForecast here, elsewhere;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            LoadedDataset loaded = await DatasetAccess.LoadAsync(
                name: null, settings, io, display, CancellationToken.None);
            spec = TrainingPlan.New(settings, ModelPlan.Build(settings, loaded.Data), loaded.Data).Run;
            display.Working("training on one core");
            times = ComputeTimes.Measure(spec, loaded.Data.Training);
            display.Working("exchanging weights and gradients");
            var layout = new ParameterLayout(spec.Model);
            double trip = ExchangeTrip.OverSockets(layout, times.LastGradient);
            elsewhere = new WorkerForecast(spec.Shards, times.Gradient, times.Update, trip);
            here = elsewhere with { TripSeconds = ExchangeTrip.OverSharedMemory(layout, times.LastGradient) ?? trip };
        }

        var result = new BenchResult(spec, times, here, elsewhere, Processors.Usable);
        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, JsonOf(result), ResultsContext.Default.BenchmarkJson);
        else
            WriteText(io.Out, result);
        return ExitCode.Done;
    }

    private static void WriteText(TextWriter writer, BenchResult result)
    {
        (RunSpec spec, ComputeTimes times, WorkerForecast here, WorkerForecast elsewhere, int processors) = result;
        TextTable.WritePairs(writer,
        [
            ("run",
                $"{spec.Model}, {Format.Count(spec.BatchSize)} examples a step in {Format.Plural(spec.Shards, "shard")}, on "
                    + $"{spec.Data.Name}"),
            ("machine",
                $"{Format.Plural(processors, "processor")}, vectors {KernelDispatch.Width}, {times.PeakFlops / 1e9:F1} GFLOP/s of fused "
                    + "multiply-adds on one"),
            ("gradient", $"{Microseconds(times.Gradient)}, on one core"),
            ("update", $"{Microseconds(times.Update)}, on one core"),
            ("hash", $"{Microseconds(times.Hash)}, while workers compute"),
            ("one core",
                $"{Format.Count(result.Rate)} examples/s, {result.ShareOfRoofline:F2} of what its peak does with every zero multiplied"),
            ("round trip",
                $"{Microseconds(here.TripSeconds)} within this machine, {Microseconds(elsewhere.TripSeconds)} over loopback: weights out "
                    + "and gradient back"),
        ]);
        writer.WriteLine();
        TextTable.Write(
            writer, ["workers", "step here", "of one worker", "on machines of their own", "of one worker"],
            [.. result.Counts.Select(count => (IReadOnlyList<string>)
            [
                Format.Count(count), .. count <= processors ? Cells(here, count) : ["-", "-"], .. Cells(elsewhere, count),
            ])],
            firstNumber: 0);
        writer.WriteLine();
        TextTable.WritePairs(writer,
        [
            ("worth while here", Format.Plural(here.Best(processors), "worker")),
            ("each with a machine like this",
                $"{Format.Plural(elsewhere.Best(spec.Shards), "worker")}, if the network is as fast as loopback"),
        ]);
    }

    private static string[] Cells(WorkerForecast forecast, int workers) =>
        [Microseconds(forecast.Step(workers)), $"{forecast.Step(1) / forecast.Step(workers):F2} x"];

    private static BenchmarkJson JsonOf(BenchResult result)
    {
        (RunSpec spec, ComputeTimes times, WorkerForecast here, WorkerForecast elsewhere, int processors) = result;
        return new BenchmarkJson(
            spec.Model.ToString(),
            spec.Data.Name,
            spec.BatchSize,
            spec.Shards,
            processors,
            KernelDispatch.Width.ToString(),
            times.PeakFlops,
            times.Gradient,
            times.Update,
            times.Hash,
            result.Rate,
            result.ShareOfRoofline,
            here.TripSeconds,
            elsewhere.TripSeconds,
            [
                .. result.Counts.Select(count => new BenchmarkJson.StepForecast(
                    count, count <= processors ? here.Step(count) : null, elsewhere.Step(count))),
            ],
            here.Best(processors),
            elsewhere.Best(spec.Shards));
    }

    private static string Microseconds(double seconds) => (seconds * 1e6).ToString("N0", CultureInfo.InvariantCulture) + " us";

    private sealed record BenchResult(
        RunSpec Spec, ComputeTimes Times, WorkerForecast Here, WorkerForecast Elsewhere, int Processors)
    {
        /// <summary>Examples a second of one core that does all of a step.</summary>
        public double Rate => Spec.BatchSize / (Times.Gradient + Times.Update);

        public double ShareOfRoofline => Rate * DenseWork.Flops(Spec.Model) / Times.PeakFlops;

        /// <summary>1, 2, 4 and so on, up to one shard a worker.</summary>
        public IEnumerable<int> Counts =>
            Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(count => count < Spec.Shards).Append(Spec.Shards);
    }
}
