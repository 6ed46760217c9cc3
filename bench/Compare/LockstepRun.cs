using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Bench.Compare;

/// <summary>A process of the published program, and what it leaves behind.</summary>
internal sealed class LockstepRun : IDisposable
{
    private readonly StringBuilder _error = new();
    private readonly string _folder;

    public LockstepRun(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[DiagnosticsPort.Variable] = "1"; // For AllocationCounter.
        _folder = start.ArgumentList.SkipWhile(argument => argument != "--out").Skip(1).FirstOrDefault("");
        Clock = Stopwatch.StartNew();
        Process = Process.Start(start)!;
        Process.OutputDataReceived += (_, _) => { };
        Process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
                _error.AppendLine(line.Data);
        };
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    public Process Process { get; }

    /// <summary>Runs since the process was started.</summary>
    public Stopwatch Clock { get; }

    public string MetricsFile => Path.Combine(_folder, "metrics.jsonl");

    /// <summary>Process ids of its workers.</summary>
    public IReadOnlyList<int> Workers => ProcFile.Children(Process.Id);

    /// <summary>Waits for the end, which must be a good one.</summary>
    public LockstepRun Wait()
    {
        Process.WaitForExit();
        Clock.Stop();
        lock (_error)
        {
            if (Process.ExitCode != 0)
                throw new InvalidOperationException($"lockstep ended with exit code {Process.ExitCode}:\n{_error}");
        }

        return this;
    }

    /// <summary>What is there of the metrics.</summary>
    public IReadOnlyList<JsonElement> Metrics()
    {
        if (!File.Exists(MetricsFile))
            return [];
        using var reader = new StreamReader(new FileStream(MetricsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split(
            '\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public string WeightsSha256 =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "summary.json"))).RootElement.GetProperty("weightsSha256").GetString()!;

    /// <summary>Waits until something of the run is so, or it has ended.</summary>
    public T? WaitFor<T>(Func<T?> look, TimeSpan deadline, string what)
        where T : struct
    {
        while (Clock.Elapsed < deadline)
        {
            if (look() is { } found)
                return found;
            if (Process.HasExited)
                return look();
            Thread.Sleep(1);
        }

        throw new TimeoutException(
            string.Create(CultureInfo.InvariantCulture, $"{what} did not happen within {deadline.TotalSeconds:0} s."));
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        Process.Dispose();
    }
}
