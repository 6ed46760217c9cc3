using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lockstep.Bench.Compare;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Slicing;
using ScottPlot;

namespace Lockstep.Bench;

/// <summary>
/// The model of docs/scaling.md beside simulated workers: the real coordinator with w workers that let the time of computing pass, which
/// send it whole gradients or exchange slices.
/// </summary>
internal static class Scaling
{
    public const string Model = "784-256-10";
    private const int Shards = 256, BatchSize = 64 * Shards;
    private static readonly int[] Workers = [4, 16, 64, 256];
    // Those from which the time of frames and bytes is found.
    private static readonly int[] Known = [16, 64];
    private static readonly int?[] Lines = [null, 10_000, 1_000];
    private static readonly string[] Colors = ["#1f77b4", "#ff7f0e", "#2ca02c"];

    public static async Task<int> RunAsync(string dataDirectory, string picture)
    {
        using BenchContext context = await BenchContext.CreateAsync(dataDirectory, rounds: 1);
        Constants constants = await MeasureConstantsAsync(context);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Model}, {BatchSize:N0} examples a step in {Shards} shards: gradient {constants.Gradient * 1e3:0.0} ms, update "
                + $"{constants.Update * 1e6:0} us, trip {constants.Trip * 1e6:0} us; {constants.Bytes:N0} bytes of weights, and as many of a "
                + $"gradient. Between workers, of processor time: a frame {constants.Frame * 1e6:0.0} us, a MiB "
                + $"{constants.Byte * 1e6 * (1 << 20):0} us"));
        Console.WriteLine();
        Console.WriteLine("| line of each | workers | | foretold, ms | measured, ms | measured / foretold | the coordinator's "
            + "processor time, ms | of that idle | bytes on its line |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        using var plot = new Plot();
        for (int i = 0; i < Lines.Length; i++)
        {
            foreach (Transport transport in new[] { Transport.Stream, Transport.Slices })
            {
                if (await MeasureAsync(context, constants, Lines[i], transport) is { } measured)
                    Draw(plot, measured, Lines[i], transport, Color.FromHex(Colors[i]), constants);
            }
        }

        plot.Axes.Title.Label.Text = $"A step of {BatchSize:N0} examples, {Model}: foretold (lines) and measured (marks)";
        plot.XLabel("workers");
        plot.YLabel("ms");
        plot.Axes.Bottom.SetTicks([.. Workers.Select(count => Math.Log2(count))], [.. Workers.Select(count => $"{count}")]);
        plot.Axes.Left.SetTicks([0, 1, 2, 3, 4], ["1", "10", "100", "1,000", "10,000"]);
        plot.Axes.SetLimits(0, 8.3, 0, 4);
        plot.ShowLegend(Alignment.UpperLeft);
        File.WriteAllText(picture, plot.GetSvgXml(800, 460));
        return 0;
    }

    /// <summary>Prints what one step takes.</summary>
    public static async Task<int> StepAsync(string dataDirectory, int workers, string transport, int megabits, string model)
    {
        using BenchContext context = await BenchContext.CreateAsync(dataDirectory, rounds: 1);
        using SlowLines? lines = megabits > 0 ? new SlowLines(megabits, workers + 1) : null;
        LoadedStep step = await LoadedCoordinator.MeasureAsync(context.Data, new SimulatedCluster
        {
            Workers = workers,
            Shards = Math.Max(workers, Shards),
            BatchSize = BatchSize,
            ShardMicroseconds = 350,
            Model = model,
            Transport = Enum.Parse<Transport>(transport, ignoreCase: true),
            HasLines = lines is not null,
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{model}, {workers} workers, {transport}, {Name(megabits > 0 ? megabits : null)}: {step.Wall / 1e3:0.0} ms, "
                + $"coordinator {step.Own / 1e3:0.00} ms, of them idle {step.Idle / 1e3:0.00} ms, {step.Bytes:N0} bytes"));
        return 0;
    }

    private static async Task<double[]?> MeasureAsync(BenchContext context, Constants constants, int? line, Transport transport)
    {
        SlowLines? slow = null;
        try
        {
            slow = line is { } megabits ? new SlowLines(megabits, Workers.Max() + 1) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            Console.WriteLine($"skipped: {Name(line)} ({e.Message})");
            return null;
        }

        using (slow)
        {
            var measured = new double[Workers.Length];
            for (int i = 0; i < Workers.Length; i++)
            {
                LoadedStep step = await StepAsync(context, constants.Gradient, Workers[i], transport, slow is not null);
                double foretold = constants.Foretell(line, Workers[i], transport) * 1e3;
                measured[i] = step.Wall / 1e3;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {Name(line)} | {Workers[i]} | {Name(transport)} | {foretold:0.0} | {measured[i]:0.0} | "
                        + $"{measured[i] / foretold:0.00} | {step.Own / 1e3:0.0} | {step.Idle / 1e3:0.0} | {step.Bytes:N0} |"));
            }

            return measured;
        }
    }

    private static Task<LoadedStep> StepAsync(
        BenchContext context, double gradient, int workers, Transport transport, bool hasLines) =>
        LoadedCoordinator.MeasureAsync(context.Data, new SimulatedCluster
        {
            Workers = workers,
            Shards = Shards,
            BatchSize = BatchSize,
            ShardMicroseconds = gradient * 1e6 / Shards,
            Transport = transport,
            HasLines = hasLines,
        });

    private static async Task<Constants> MeasureConstantsAsync(BenchContext context)
    {
        using Process bench = Process.Start(new ProcessStartInfo(
            context.Published.Program,
            ["bench", "--model", Model, "--batch-size", $"{BatchSize}", "--shards", $"{Shards}", "--json", "--quiet", .. context.DataOptions])
        {
            RedirectStandardOutput = true,
        })!;
        using JsonDocument result = JsonDocument.Parse(bench.StandardOutput.ReadToEnd());
        bench.WaitForExit();
        double Seconds(string name) => result.RootElement.GetProperty(name).GetDouble();
        var constants = new Constants(
            new ParameterLayout(ModelSpec.Parse(Model)).TrainableLength * sizeof(float), Seconds("gradientSeconds"), Seconds("updateSeconds"),
            Seconds("roundTripSeconds"));

        // Two equations with two unknowns: the processors of this machine do the work of all workers.
        var busy = new double[Known.Length];
        for (int i = 0; i < Known.Length; i++)
        {
            LoadedStep step = await StepAsync(context, constants.Gradient, Known[i], Transport.Slices, hasLines: false);
            busy[i] = (step.Wall * 1e-6 - constants.Foretell(null, Known[i], Transport.Slices)) * Environment.ProcessorCount / Known[i];
        }

        double frame = (busy[1] - busy[0]) / (Constants.FramesOf(Known[1]) - Constants.FramesOf(Known[0]));
        return constants with { Frame = frame, Byte = (busy[0] - frame * Constants.FramesOf(Known[0])) / (2.0 * constants.Bytes) };
    }

    private static void Draw(Plot plot, double[] measured, int? line, Transport transport, Color color, Constants constants)
    {
        int[] counts = [.. Enumerable.Range(0, 9).Select(power => 1 << power).Where(count => count >= Workers[0])];
        ScottPlot.Plottables.Scatter foretold = plot.Add.ScatterLine(
            counts.Select(count => Math.Log2(count)).ToArray(),
            counts.Select(count => Math.Log10(constants.Foretell(line, count, transport) * 1e3)).ToArray(), color);
        foretold.LinePattern = transport == Transport.Slices ? LinePattern.Solid : LinePattern.Dashed;
        foretold.LegendText = $"{Name(line)}, {Name(transport)}";
        ScottPlot.Plottables.Scatter marks = plot.Add.ScatterPoints(
            Workers.Select(count => Math.Log2(count)).ToArray(), measured.Select(Math.Log10).ToArray(), color);
        marks.MarkerShape = transport == Transport.Slices ? MarkerShape.FilledCircle : MarkerShape.OpenCircle;
        marks.MarkerSize = 9;
    }

    private static string Name(int? megabits) => megabits is { } rate ? $"{rate / 1000} Gbit/s" : "loopback";

    private static string Name(Transport transport) => transport == Transport.Slices ? "slices" : "whole";

    /// <summary>What the model knows, in seconds and bytes; and the model.</summary>
    /// <param name="Bytes">Of the weights, and of a gradient.</param>
    /// <param name="Gradient">Gradient of a batch on one processor.</param>
    /// <param name="Update">The optimizer's pass.</param>
    /// <param name="Trip">Weights and gradients over loopback and back.</param>
    private sealed record Constants(int Bytes, double Gradient, double Update, double Trip)
    {
        /// <summary>Processor time of a frame between workers.</summary>
        public double Frame { get; init; }

        /// <summary>Processor time of a byte between workers.</summary>
        public double Byte { get; init; }

        /// <summary>Frames that a worker sends in a step with slices, on average.</summary>
        public static double FramesOf(int workers)
        {
            int rows = SlicePlan.RowsFor(workers), columns = workers / rows;
            return 2 * (columns - 1) + ((rows - 1) * (2 * rows - 1) + 1.0) / rows;
        }

        /// <summary>Seconds of a step.</summary>
        public double Foretell(int? megabits, int workers, Transport transport)
        {
            double onTheLine = megabits is { } rate ? 2.0 * Bytes * 8 / (rate * 1e6) : 0.0;
            int rows = SlicePlan.RowsFor(workers);
            // In a grid, a column passes its head's line and those of its workers, too.
            double columns = rows > 1 ? 2.0 * rows / workers : 0;
            double traffic = transport == Transport.Slices
                ? Math.Max((2 + columns) * onTheLine, workers * (FramesOf(workers) * Frame + 2.0 * Bytes * Byte) / Environment.ProcessorCount)
                : workers * Math.Max(Trip, onTheLine);
            return Gradient * ((Shards + workers - 1) / workers) / Shards + Update + traffic;
        }
    }
}
