using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>The real command as a real process, with what it printed.</summary>
internal sealed partial class LockstepProcess : IDisposable
{
    /// <summary>Longer than anything here takes on a slow machine: it ends a test that hangs.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>The build of this repository.</summary>
    public static readonly string Dll = typeof(LockstepProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "LockstepDll").Value!;

    /// <summary>That build, or the published program that LOCKSTEP_TEST_PROGRAM names: it starts in half the time.</summary>
    private static readonly string[] Command =
        Environment.GetEnvironmentVariable("LOCKSTEP_TEST_PROGRAM") is { Length: > 0 } published ? [published] : ["dotnet", Dll];

    /// <summary>
    /// Gives back to every signal what it does by default, where whoever started the tests ignores some, as a script does for what runs in
    /// its background.
    /// </summary>
    private static readonly string[] WithDefaultSignals = ProcFiles.IgnoresSignals() ? ["env", "--default-signal"] : [];

    /// <summary>Whether it is a published program, which needs no .NET.</summary>
    public static bool IsPublished => Command.Length == 1;

    private readonly Process _process;
    private readonly object _lock = new();
    private readonly List<string> _errorLines = [];
    private readonly List<string> _outputLines = [];
    private bool _errorEnded;

    private LockstepProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Append(_errorLines, line.Data);
        process.OutputDataReceived += (_, line) => Append(_outputLines, line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public int Id => _process.Id;

    public string StandardError
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _errorLines);
        }
    }

    public string StandardOutput
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _outputLines);
        }
    }

    public static LockstepProcess Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        Start([.. Command, .. arguments], environment);

    /// <summary>In another network namespace; <see cref="Id"/> is the command's own.</summary>
    public static LockstepProcess StartIn(string networkNamespace, IEnumerable<string> arguments) =>
        Start(["ip", "netns", "exec", networkNamespace, .. Command, .. arguments], []);

    /// <summary>As a shell starts it: "$@" in a script is the command line.</summary>
    public static LockstepProcess StartInShell(
        string script, IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        Start(["sh", "-c", script, "sh", .. Command, .. arguments], environment);

    /// <summary>Another build of the command.</summary>
    public static LockstepProcess StartBuild(string dll, IEnumerable<string> arguments) => Start(["dotnet", dll, .. arguments], []);

    private static LockstepProcess Start(string[] commandLine, (string Name, string Value)[] environment)
    {
        commandLine = [.. WithDefaultSignals, .. commandLine];
        var start = new ProcessStartInfo(commandLine[0], commandLine[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("LOCKSTEP", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LOCKSTEP_OFFLINE"] = "1";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new LockstepProcess(Process.Start(start)!);
    }

    /// <summary>Waits until a line on standard error satisfies a condition, and returns it.</summary>
    public string WaitForLine(string waitingFor, Func<string, bool> condition)
    {
        var clock = Stopwatch.StartNew();
        lock (_lock)
        {
            for (int i = 0; ; i++)
            {
                while (i == _errorLines.Count)
                {
                    TimeSpan left = Deadline - clock.Elapsed;
                    if (_errorEnded || left <= TimeSpan.Zero || !Monitor.Wait(_lock, left))
                        throw new TimeoutException($"Waited for {waitingFor}. Standard error:\n{string.Join('\n', _errorLines)}");
                }

                if (condition(_errorLines[i]))
                    return _errorLines[i];
            }
        }
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public int WaitForExit()
    {
        if (!_process.WaitForExit(Deadline))
            throw new TimeoutException($"Waited for the end of the process. Standard error:\n{StandardError}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Waits for success and returns the summary that <c>--json</c> prints.</summary>
    public JsonElement WaitForSummary()
    {
        int code = WaitForExit();
        Assert.True(code == 0, $"Exit code {code}. Standard error:\n{StandardError}");
        Assert.True(StandardOutput.StartsWith('{'), $"Expected JSON, got:\n{StandardOutput}");
        return JsonDocument.Parse(StandardOutput).RootElement;
    }

    public void Kill() => Signal(Id, 9);

    public void Pause() => Signal(Id, 19);

    public void Continue() => Signal(Id, 18);

    public void Interrupt() => Signal(Id, 2);

    public void User1() => Signal(Id, 10);

    public void Terminate() => Signal(Id, 15);

    /// <summary>Waits until the trace in a run folder has this step.</summary>
    public void WaitForStep(string folder, long step)
    {
        string trace = Path.Combine(folder, "trace.txt");
        WaitUntil($"step {step} in {trace}", () => LastStep(trace) >= step);
    }

    /// <summary>Waits until a run folder has checkpoints to go on from, which a slow disk has later than the trace its steps.</summary>
    public void WaitForCheckpoints(string folder, int count = 1)
    {
        string checkpoints = Path.Combine(folder, "checkpoints");
        WaitUntil(
            $"{count} checkpoints in {checkpoints}",
            () => Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "step-*.ckpt").Length >= count);
    }

    /// <summary>Process ids of the workers that this process started.</summary>
    public IReadOnlyList<int> Children() => ChildrenOf(Id);

    /// <summary>Process ids of the children of a process.</summary>
    public static IReadOnlyList<int> ChildrenOf(int process)
    {
        var children = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int id) && ParentOf(id) == process)
                children.Add(id);
        }

        children.Sort();
        return children;
    }

    /// <summary>Whether a process is there and not just waiting to be reaped.</summary>
    public static bool IsAlive(int id) => ReadStat(id) is { } stat && stat[0] != "Z";

    public static void Signal(int id, int signal)
    {
        if (SendSignal(id, signal) != 0)
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {id}.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void WaitUntil(string what, Func<bool> isThere)
    {
        bool ended = false;
        SpinWait.SpinUntil(() => isThere() || (ended = _process.HasExited), Deadline);
        if (!isThere())
            throw new TimeoutException($"Waited for {what}{(ended ? ", but the process ended" : "")}. Standard error:\n{StandardError}");
    }

    private static long LastStep(string trace)
    {
        if (!File.Exists(trace))
            return -1;
        using var file = new FileStream(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        const int aFewLines = 300;
        file.Position = Math.Max(0, file.Length - aFewLines);
        string[] whole = new StreamReader(file).ReadToEnd().Split('\n')[..^1];
        return whole.Length > 0 && long.TryParse(whole[^1].Split(' ')[0], out long step) ? step : -1;
    }

    private static int ParentOf(int id) => ReadStat(id) is { } stat ? int.Parse(stat[1]) : 0;

    /// <summary>State and parent from /proc/ID/stat, whose second field may hold blanks.</summary>
    private static string[]? ReadStat(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Append(List<string> lines, string? line)
    {
        lock (_lock)
        {
            if (line is not null)
                lines.Add(line);
            else if (lines == _errorLines)
                _errorEnded = true;
            Monitor.PulseAll(_lock);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int id, int signal);
}
