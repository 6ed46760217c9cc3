using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lockstep.Bench.Compare;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using ScottPlot;

namespace Lockstep.Bench;

/// <summary>
/// The model of docs/scaling.md beside simulated workers: <c>step(w) = gradient · ⌈S/w⌉/S + update + w · max(trip, bytes/line)</c>, with
/// gradient, update and trip as <c>lockstep bench</c> measures them here, and the real coordinator with w workers that let the time of
/// computing pass.
/// </summary>
internal static class Scaling
{
    public const string Model = "784-256-10";
    private const int Shards = 256, BatchSize = 64 * Shards;
    private static readonly int[] Workers = [4, 16, 64, 256];
    private static readonly int?[] Lines = [null, 10_000, 1_000];
    private static readonly string[] Colors = ["#1f77b4", "#ff7f0e", "#2ca02c"];

    public static async Task<int> RunAsync(string dataDirectory, string picture)
    {
        using BenchContext context = await BenchContext.CreateAsync(dataDirectory, rounds: 1);
        Constants constants = Measure(context);
        int bytes = new ParameterLayout(ModelSpec.Parse(Model)).TrainableLength * sizeof(float);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Model}, {BatchSize:N0} examples a step in {Shards} shards: gradient {constants.Gradient * 1e3:0.0} ms, update "
                + $"{constants.Update * 1e6:0} us, trip {constants.Trip * 1e6:0} us; {bytes:N0} bytes of weights, and as many of a "
                + $"gradient"));
        Console.WriteLine();
        Console.WriteLine("| line of the coordinator | workers | foretold, ms | measured, ms | measured / foretold | the coordinator's "
            + "processor time, ms |");
        Console.WriteLine("|---|---|---|---|---|---|");
        using var plot = new Plot();
        for (int i = 0; i < Lines.Length; i++)
        {
            if (await MeasureAsync(context, constants, bytes, Lines[i]) is { } measured)
                Draw(plot, measured, Name(Lines[i]), Color.FromHex(Colors[i]), workers => Foretell(constants, bytes, Lines[i], workers));
        }

        plot.Axes.Title.Label.Text = $"A step of {BatchSize:N0} examples, {Model}: foretold (lines) and measured (dots)";
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
        (double wall, double own, double bytes) = await LoadedCoordinator.MeasureAsync(context.Data, new SimulatedCluster
        {
            Workers = workers,
            Shards = Math.Max(workers, Shards),
            BatchSize = BatchSize,
            ShardMicroseconds = 350,
            Model = model,
            Transport = Enum.Parse<Transport>(transport, ignoreCase: true),
            HasLines = lines is not null,
        });
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{model}, {workers} workers, {transport}, {Name(megabits > 0 ? megabits : null)}: {wall / 1e3:0.0} ms, "
                + $"coordinator {own / 1e3:0.00} ms, {bytes:N0} bytes"));
        return 0;
    }

    private static async Task<double[]?> MeasureAsync(BenchContext context, Constants constants, int bytes, int? line)
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
                var cluster = new SimulatedCluster { Workers = Workers[i], Shards = Shards, BatchSize = BatchSize, ShardMicroseconds = constants.Gradient * 1e6 / Shards };
                if (slow is not null)
                    cluster = cluster with { HasLines = true };
                (double wall, double own, _) = await LoadedCoordinator.MeasureAsync(context.Data, cluster);
                double foretold = Foretell(constants, bytes, line, Workers[i]) * 1e3;
                measured[i] = wall / 1e3;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {Name(line)} | {Workers[i]} | {foretold:0.0} | {measured[i]:0.0} | {measured[i] / foretold:0.00} | "
                        + $"{own / 1e3:0.0} |"));
            }

            return measured;
        }
    }

    /// <summary>
    /// Seconds of a step. Weights and gradients of one worker after the other pass the coordinator's line, one way and the other.
    /// </summary>
    private static double Foretell(Constants constants, int bytes, int? megabits, int workers)
    {
        double onTheLine = megabits is { } rate ? 2.0 * bytes * 8 / (rate * 1e6) : 0.0;
        return constants.Gradient * ((Shards + workers - 1) / workers) / Shards + constants.Update + workers * Math.Max(
            constants.Trip, onTheLine);
    }

    private static Constants Measure(BenchContext context)
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
        return new Constants(Seconds("gradientSeconds"), Seconds("updateSeconds"), Seconds("roundTripSeconds"));
    }

    private static void Draw(Plot plot, double[] measured, string name, Color color, Func<int, double> foretell)
    {
        int[] counts = [.. Enumerable.Range(0, 9).Select(power => 1 << power)];
        ScottPlot.Plottables.Scatter line = plot.Add.ScatterLine(
            counts.Select(count => Math.Log2(count)).ToArray(), counts.Select(count => Math.Log10(foretell(count) * 1e3)).ToArray(), color);
        line.LegendText = name;
        ScottPlot.Plottables.Scatter dots = plot.Add.ScatterPoints(
            Workers.Select(count => Math.Log2(count)).ToArray(), measured.Select(Math.Log10).ToArray(), color);
        dots.MarkerSize = 9;
    }

    private static string Name(int? megabits) => megabits is { } rate ? $"{rate / 1000} Gbit/s" : "loopback";

    private sealed record Constants(double Gradient, double Update, double Trip);
}
