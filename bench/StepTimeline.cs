using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lockstep.Bench.Compare;

namespace Lockstep.Bench;

/// <summary>
/// A picture of some steps of <c>train --workers 2</c> in their steady state: which thread ran when and on which processor, as the kernel
/// switched them (<c>perf record -e sched:sched_switch</c>; Linux, needs the right to trace). And the mean of it over all recorded steps.
/// </summary>
internal static partial class StepTimeline
{
    private const double ShownSeconds = 0.004, IdleSeconds = 10e-6;

    public static int Run(string dataDirectory, string output)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-timeline-");
        PublishedBuild published = PublishedBuild.Make(Path.Combine(folder.FullName, "published"));
        string recording = Path.Combine(folder.FullName, "perf.data"), runFolder = Path.Combine(folder.FullName, "run");
        Dictionary<int, string> threads;
        double stepsASecond;
        using (LockstepRun run = published.Start(["train", "--workers", "2", "--min-workers", "2", "--batch-size", "256", "--epochs", "1000", "--data-dir", dataDirectory, "--out", runFolder, "--quiet"]))
        {
            run.WaitFor<bool>(() => run.Metrics().Count >= 15 ? true : null, TimeSpan.FromMinutes(2), "the fifteenth epoch");
            threads = Threads("coordinator", run.Process.Id);
            for (int i = 0; i < run.Workers.Count; i++)
            {
                foreach ((int id, string name) in Threads($"worker {i + 1}", run.Workers[i]))
                    threads.Add(id, name);
            }

            int before = run.Metrics().Count - 1;
            Perf.Run("record", "-q", "-e", "sched:sched_switch", "-a", "-o", recording, "--", "sleep", "1");
            (long Step, double Seconds)[] rows = [.. run.Metrics().Skip(before).Select(
                row => (row.GetProperty("step").GetInt64(), row.GetProperty("elapsedSeconds").GetDouble()))];
            stepsASecond = (rows[^1].Step - rows[0].Step) / (rows[^1].Seconds - rows[0].Seconds);
        }

        ThreadSpan[] intervals = [.. Intervals(Perf.Run("script", "-i", recording, "--ns"), threads)];
        File.WriteAllText(output, Draw(intervals));
        Console.WriteLine(Summarize(intervals, stepsASecond));
        folder.Delete(recursive: true);
        return 0;
    }

    private static Dictionary<int, string> Threads(string process, int id) => Directory.GetDirectories($"/proc/{id}/task")
        .ToDictionary(
        task => int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture),
        task => $"{process}: {Role(File.ReadAllText(Path.Combine(task, "comm")).Trim())}");

    private static string Role(string thread) => thread switch
    {
        "lockstep.parame" => "parameter server",
        "lockstep.evalua" => "evaluator",
        "update" => "update",
        "tensor stream" => "lane 0, receiver",
        _ when thread.StartsWith("lane", StringComparison.Ordinal) => thread,
        _ when thread.StartsWith("receive #", StringComparison.Ordinal) => $"receiver {thread[8..]}",
        _ when thread.StartsWith("send #", StringComparison.Ordinal) => $"sender {thread[5..]}",
        _ => "other threads",
    };

    /// <summary>From the switches of each processor: who ran until the next one.</summary>
    private static IEnumerable<ThreadSpan> Intervals(string script, Dictionary<int, string> threads)
    {
        var running = new Dictionary<int, (int Thread, double Since)>();
        foreach (Match match in Switch().Matches(script))
        {
            int processor = int.Parse(match.Groups["cpu"].Value, CultureInfo.InvariantCulture),
            next = int.Parse(match.Groups["next"].Value, CultureInfo.InvariantCulture);
            double time = double.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture);
            if (running.TryGetValue(processor, out (int Thread, double Since) last) && threads.TryGetValue(last.Thread, out string? name))
                yield return new ThreadSpan(name, processor, last.Since, time);
            running[processor] = (next, time);
        }
    }

    private static string Summarize(ThreadSpan[] intervals, double stepsASecond)
    {
        double seconds = intervals.Max(one => one.End) - intervals.Min(one => one.Start);
        double steps = stepsASecond * seconds;
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{steps:0} steps in {seconds * 1e3:0} ms: {seconds / steps * 1e6:0} us a step. Of a step, on average, in us:");
        text.AppendLine().AppendLine("| thread | runs | times it is woken or put on |").AppendLine("|---|---|---|");
        foreach (IGrouping<string, ThreadSpan> thread in intervals.GroupBy(one => one.Thread).OrderBy(
            group => Order(group.Key)).ThenBy(group => group.Key, StringComparer.Ordinal))
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {thread.Key} | {thread.Sum(one => one.End - one.Start) / steps * 1e6:0} | {thread.Count() / steps:0.0} |");
        double idle = Environment.ProcessorCount * seconds - intervals.Sum(one => one.End - one.Start);
        text.AppendLine(CultureInfo.InvariantCulture, $"| idle, or other programs | {idle / steps * 1e6:0} | |");
        return text.ToString();
    }

    /// <summary>A step begins where its weights wake the first worker's lane, which had nothing to do for a while.</summary>
    private static IEnumerable<ThreadSpan> Steps(IEnumerable<ThreadSpan> intervals)
    {
        double end = double.PositiveInfinity;
        foreach (ThreadSpan one in intervals.Where(one => one.Thread == "worker 1: lane 0, receiver").OrderBy(one => one.Start))
        {
            if (one.Start - end > IdleSeconds)
                yield return one;
            end = one.End;
        }
    }

    private static int Order(string thread) =>
        thread.Contains(
            "lane",
            StringComparison.Ordinal) ? 0 : thread.EndsWith("parameter server", StringComparison.Ordinal) ? 1 : thread.Contains("receiver",
            StringComparison.Ordinal) ? 2 : 3;

    private static string Draw(ThreadSpan[] intervals)
    {
        // From the middle of the recording, beginning with a step, between two evaluations.
        double middle = (intervals.Min(one => one.Start) + intervals.Max(one => one.End)) / 2;
        ThreadSpan[] evaluations = [.. intervals.Where(one => one.Thread.EndsWith("evaluator", StringComparison.Ordinal))];
        double from = Steps(intervals).Select(one => one.Start).First(
            start => start > middle && !evaluations.Any(one => one.End > start && one.Start < start + ShownSeconds));
        double to = from + ShownSeconds;
        ThreadSpan[] shown = [.. intervals.Where(one => one.End > from && one.Start < to)];
        string[] rows = [.. shown.Select(one => one.Thread).Distinct().OrderBy(Order).ThenBy(name => name, StringComparer.Ordinal)];
        return TimelinePicture.Draw(
            "train --workers 2, batch of 256: which thread runs when",
            [.. Enumerable.Range(0, Environment.ProcessorCount).Select(processor => $"processor {processor}")], rows, shown, from, to, 0.0005);
    }

    [GeneratedRegex(@"\[(?<cpu>\d+)\]\s+(?<time>\d+\.\d+): .*?sched_switch: .*==> .*next_pid=(?<next>\d+)")]
    private static partial Regex Switch();

}
