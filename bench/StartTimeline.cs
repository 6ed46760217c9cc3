using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lockstep.Bench.Compare;

namespace Lockstep.Bench;

/// <summary>
/// A picture of a start: what the threads of <c>train --workers 2</c> do until the first step is in <c>metrics.jsonl</c>, by samples of
/// the kernel (<c>perf record -e cpu-clock</c>; Linux, needs the right to trace). The first step is there before other processes start.
/// </summary>
internal static partial class StartTimeline
{
    private const double SampleSeconds = 1.0 / 5000;

    // A thread with less is not drawn.
    private const int LeastSamples = 25;

    private static readonly string[] Kinds = ["the program", "runtime: loading types", "runtime: compiling", "the kernel"];

    public static int Run(string dataDirectory, string output)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-start-");
        PublishedBuild published = PublishedBuild.Make(Path.Combine(folder.FullName, "published"));
        string recording = Path.Combine(folder.FullName, "perf.data");
        double first = 0;
        for (int run = 0; run < 2; run++) // The first one fills the caches.
        {
            using LockstepRun start = new("perf",
                ["record", "-q", "-k", "CLOCK_MONOTONIC", "-e", "cpu-clock", "-F", "5000", "-o", recording, "--", published.Program, "train", "--workers", "2", "--data-dir", dataDirectory, "--steps", "1", "--eval-every", "1", "--out", Path.Combine(folder.FullName, $"run-{run}"), "--quiet"]);
            start.WaitFor<bool>(() => start.Metrics().Count > 0 ? true : null, TimeSpan.FromMinutes(2), "The first step");
            first = Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
            start.Wait();
        }

        Sample[] samples = [.. Samples(Perf.Run("script", "-i", recording, "--ns", "-F", "comm,tid,time,ip,dso"))];
        double begin = samples.Min(sample => sample.Time);
        samples = [.. samples.Where(sample => sample.Time < first)];
        File.WriteAllText(output, Draw(samples, begin, first));
        Console.WriteLine(Summarize(samples, first - begin));
        folder.Delete(recursive: true);
        return 0;
    }

    private static IEnumerable<Sample> Samples(string script)
    {
        foreach (Match match in Line().Matches(script))
        {
            string thread = match.Groups["thread"].Value.Trim();
            if (thread is not ("perf" or "perf-exec"))
                yield return new Sample(
                    Name(thread), int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture), Kind(match.Groups["code"].Value),
                    double.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture));
        }
    }

    private static string Name(string thread) => thread switch
    {
        "lockstep" => "main",
        ".NET TP Worker" => "thread pool",
        ".NET Long Runni" => "warm-up",
        "lockstep.parame" => "parameter server",
        "lockstep.evalua" => "evaluator",
        "lockstep.checkp" => "checkpointer",
        "tensor stream" => "lane",
        _ => thread,
    };

    private static int Kind(string code) =>
        code.Contains("clrjit", StringComparison.Ordinal) ? 2
        : code.Contains("kernel", StringComparison.Ordinal) ? 3
        : code.Contains("libcoreclr", StringComparison.Ordinal) || code.Contains("libhost", StringComparison.Ordinal)
            || code.Contains("ld-linux", StringComparison.Ordinal) ? 1
        : 0;

    private static string Draw(Sample[] samples, double begin, double first)
    {
        int[] threads = [.. samples.GroupBy(sample => sample.Id).Where(thread => thread.Count() >= LeastSamples)
            .OrderBy(thread => thread.Min(sample => sample.Time)).Select(thread => thread.Key)];
        Dictionary<int, string> names = threads.ToDictionary(id => id, id => samples.First(sample => sample.Id == id).Thread);
        foreach (int[] alike in threads.GroupBy(id => names[id]).Where(name => name.Count() > 1).Select(name => name.ToArray()))
        {
            for (int i = 0; i < alike.Length; i++)
                names[alike[i]] += string.Create(CultureInfo.InvariantCulture, $" {i + 1}");
        }

        double to = begin + Math.Ceiling((first - begin) * 20 + 0.2) / 20;
        return TimelinePicture.Draw(
            "from the start of train --workers 2 to the first step", Kinds, [.. threads.Select(id => names[id])],
            samples.Where(sample => names.ContainsKey(sample.Id))
                .Select(sample => new ThreadSpan(names[sample.Id], sample.Kind, sample.Time - SampleSeconds, sample.Time)),
            begin, to, 0.05, ("first step", first));
    }

    private static string Summarize(Sample[] samples, double seconds)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{seconds * 1e3:0} ms to the first step, of two processors:").AppendLine();
        text.AppendLine("| what | ms |").AppendLine("|---|---|");
        for (int kind = 0; kind < Kinds.Length; kind++)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {Kinds[kind]} | {samples.Count(sample => sample.Kind == kind) * SampleSeconds * 1e3:0} |");
        return text.ToString();
    }

    [GeneratedRegex(@"^\s*(?<thread>\S.*?)\s+(?<id>\d+)\s+(?<time>\d+\.\d+):\s+[0-9a-f]+ \((?<code>.*)\)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    private readonly record struct Sample(string Thread, int Id, int Kind, double Time);
}
