using System.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Lockstep.Coordinator;

/// <summary>
/// Worker processes on this machine. They are this same program, started at once so that their runtimes load while the
/// coordinator does; each waits on its standard input for the address to join, and ends when that input ends:
/// so none outlives its launcher, however the launcher ends.
/// </summary>
internal sealed partial class LocalWorkers : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly ILogger _logger;

    public LocalWorkers(int count, int lanes, ILogger logger)
    {
        _logger = logger;
        for (int i = 0; i < count; i++)
            _processes.Add(Launch(lanes));
    }

    /// <summary>Tells every process where to join, and the coordinator when one ends.</summary>
    public void Connect(string address, IActorRef coordinator)
    {
        foreach (Process process in _processes)
        {
            var lastWords = new LastLines(20);
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is not null)
                {
                    lastWords.Add(line.Data);
                    LogWorkerLine(_logger, process.Id, line.Data);
                }
            };
            process.OutputDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            process.Exited += (_, _) =>
            {
                process.WaitForExit();
                LogWorkerExit(_logger, process.Id, process.ExitCode);
                coordinator.Tell(new LocalWorkerExited(process.Id, process.ExitCode, lastWords.ToString()));
            };
            process.EnableRaisingEvents = true;
            try
            {
                process.StandardInput.WriteLine(address);
                process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // It has ended already; its exit is reported above.
            }
        }
    }

    /// <summary>Ends the processes: by the end of their input, and by force where that does not do.</summary>
    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
            }
        }

        foreach (Process process in _processes)
        {
            if (!process.WaitForExit(TimeSpan.FromSeconds(2)))
                process.Kill();
            process.Dispose();
        }
    }

    private static Process Launch(int lanes)
    {
        ProcessStartInfo start = ThisProgram.StartInfo(["worker", "--join", "stdin", "--lanes", lanes.ToString()]);
        return Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' could not be started as a worker.");
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Worker process {Process}: {Line}")]
    private static partial void LogWorkerLine(ILogger logger, int process, string line);

    [LoggerMessage(Level = LogLevel.Information, Message = "Worker process {Process} ended with exit code {ExitCode}")]
    private static partial void LogWorkerExit(ILogger logger, int process, int exitCode);

    private sealed class LastLines(int capacity)
    {
        private readonly Queue<string> _lines = new();

        public void Add(string line)
        {
            lock (_lines)
            {
                if (_lines.Count == capacity)
                    _lines.Dequeue();
                _lines.Enqueue(line);
            }
        }

        public override string ToString()
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }
}
