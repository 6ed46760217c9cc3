using System.Diagnostics;
using System.Text;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Lockstep.Coordinator.Launching;

/// <summary>
/// Worker processes that this process starts. Each waits on standard input for the address to join and ends when that input ends, so none
/// outlives its launcher.
/// </summary>
internal sealed partial class LaunchedWorkers : IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Time to wait for the removal of the program from another machine. The machine removes it even if that takes longer.
    /// </summary>
    private static readonly TimeSpan RemoteEndTimeout = TimeSpan.FromSeconds(5);

    private readonly List<(WorkerLaunch Launch, Process Process)> _workers = [];
    private readonly ILogger _logger;

    public LaunchedWorkers(ILogger logger) => _logger = logger;

    /// <summary>Starts them, so that their runtimes load in parallel with what else this process does.</summary>
    /// <exception cref="ChildStartException">One cannot be started; those already started end with <see cref="Dispose"/>.</exception>
    public void Start(IReadOnlyList<WorkerLaunch> launches)
    {
        foreach (WorkerLaunch launch in launches)
            _workers.Add((launch, ChildProcess.Start(launch.Start)));
    }

    /// <summary>Tells every process where to join, and reports to the coordinator when one ends.</summary>
    public void Connect(string address, IActorRef coordinator)
    {
        int toCarry = _workers.Count(worker => worker.Launch.Program is not null);
        foreach ((WorkerLaunch launch, Process process) in _workers)
        {
            var lastWords = new LastLines(20);
            var unpacked = new ManualResetEventSlim();
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is not null)
                {
                    lastWords.Add(line.Data);
                    LogWorkerLine(_logger, process.Id, line.Data);
                }
            };
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data == SshLaunch.Unpacked)
                    unpacked.Set();
            };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            process.Exited += (_, _) =>
            {
                process.WaitForExit();
                LogWorkerExit(_logger, process.Id, process.ExitCode);
                unpacked.Set();
                coordinator.Tell(new LaunchedWorkerExited(process.Id, launch.Host, process.ExitCode, lastWords.ToString()));
            };
            process.EnableRaisingEvents = true;
            string order = new LaunchOrder(address, launch.Secret, launch.Host is null ? null : process.Id).ToLine();
            if (launch.Program is null)
            {
                Send(process, order);
                continue;
            }

            new Thread(() =>
            {
                Carry(launch, process, lastWords, coordinator);
                if (Interlocked.Decrement(ref toCarry) == 0 && launch.Program.IsCompletedSuccessfully)
                    launch.Program.Result.Dispose();
                // The unpacking program may read on beyond the end of the archive.
                unpacked.Wait();
                Send(process, order);
            })
            { IsBackground = true, Name = $"carry to {launch.Host}" }.Start();
        }
    }

    /// <summary>Ends the processes by closing their input, then by force.</summary>
    public void Dispose()
    {
        foreach ((_, Process process) in _workers)
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
            }
        }

        long begun = Stopwatch.GetTimestamp();
        foreach ((WorkerLaunch launch, Process process) in _workers)
        {
            TimeSpan left = (launch.Host is null ? EndTimeout : RemoteEndTimeout) - Stopwatch.GetElapsedTime(begun);
            if (!process.WaitForExit(left > TimeSpan.Zero ? left : TimeSpan.Zero))
                process.Kill();
            process.Dispose();
        }
    }

    private static void Send(Process process, string order)
    {
        try
        {
            process.StandardInput.WriteLine(order);
            process.StandardInput.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has ended already, which is reported, or is about to be ended.
        }
    }

    private static void Carry(WorkerLaunch launch, Process process, LastLines lastWords, IActorRef coordinator)
    {
        CarriedProgram program;
        try
        {
            program = launch.Program!.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lastWords.Add($"This program could not be packed to be sent: {e.Message}");
            process.Kill();
            return;
        }

        try
        {
            Stream input = process.StandardInput.BaseStream;
            input.Write(Encoding.ASCII.GetBytes($"{program.Bytes}\n"));
            var report = new CarryReport(program.Bytes, Stopwatch.GetTimestamp());
            program.CopyTo(input, written =>
            {
                if (report.IsDue(written, Stopwatch.GetTimestamp()))
                    coordinator.Tell(new LaunchProgressed(launch.Host!, written, program.Bytes));
            });
            input.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // As above.
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Worker process {Process}: {Line}")]
    private static partial void LogWorkerLine(ILogger logger, int process, string line);

    [LoggerMessage(Level = LogLevel.Information, Message = "Worker process {Process} ended with exit code {ExitCode}")]
    private static partial void LogWorkerExit(ILogger logger, int process, int exitCode);

    /// <summary>
    /// Decides when to report progress: at most once a second and about ten times in all, but at least every ten seconds.
    /// </summary>
    private sealed class CarryReport(long total, long now)
    {
        private long _last = now, _lastBytes;

        public bool IsDue(long bytes, long now)
        {
            TimeSpan since = Stopwatch.GetElapsedTime(_last, now);
            if (bytes == total || since.TotalSeconds < 1 || (bytes - _lastBytes < total / 10 && since.TotalSeconds < 10))
                return false;
            (_last, _lastBytes) = (now, bytes);
            return true;
        }
    }

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
