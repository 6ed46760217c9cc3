using System.Diagnostics;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Chaos.Processes;

/// <summary>A process of this program, and its standard error.</summary>
internal sealed class Child : IDisposable
{
    private const int MostLastLines = 12;

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts a process of this program.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="guard">Ends it after this process.</param>
    /// <param name="onLine">Receives each line of its standard error.</param>
    public Child(IEnumerable<string> arguments, Guard guard, Action<string> onLine)
    {
        _process = ChildProcess.Start(ThisProgram.StartInfo(arguments));
        Id = _process.Id;
        guard.Started(Id);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data, onLine);
        _process.OutputDataReceived += (_, _) => { };
        _process.Exited += (_, _) =>
        {
            _process.WaitForExit();
            guard.Ended(Id);
            _ended.TrySetResult(_process.ExitCode);
        };
        _process.EnableRaisingEvents = true;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public int Id { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>Whether it was asked to end.</summary>
    public bool IsEndWanted { get; set; }

    /// <summary>The last lines of its standard error.</summary>
    public string LastWords
    {
        get
        {
            lock (_lastLines)
                return string.Join('\n', _lastLines);
        }
    }

    /// <summary>Writes a line to its standard input.</summary>
    public void Write(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended, as its exit code will show.
        }
    }

    public void Signal(int signal)
    {
        if (!Ended.IsCompleted)
            Signals.Send(Id, signal);
    }

    /// <summary>Kills it if it still runs.</summary>
    public void Dispose()
    {
        IsEndWanted = true;
        Signal(Signals.Kill);
        Ended.Wait();
        _process.Dispose();
    }

    private void Hear(string? line, Action<string> onLine)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            if (_lastLines.Count == MostLastLines)
                _ = _lastLines.Dequeue();
            _lastLines.Enqueue(line);
        }

        onLine(line);
    }
}
