using System.Runtime.InteropServices;

namespace Lockstep.Cli.Terminal;

/// <summary>
/// The first SIGINT, SIGTERM, SIGHUP or SIGUSR1 asks to finish the step, save and stop; the second ends the process at once.
/// </summary>
internal sealed class ShutdownSignals : IDisposable
{
    /// <summary>Number of SIGUSR1, which Slurm sends before a time limit if it is told to.</summary>
    public static readonly int User1 = OperatingSystem.IsLinux() ? 10 : 30;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action<string> _onFirst;
    private readonly Action _beforeExit;
    private int _received;

    /// <summary>Listens until disposed.</summary>
    /// <param name="onFirst">Told the name of the first signal.</param>
    /// <param name="beforeExit">Called before the process ends at the second.</param>
    /// <param name="isLaunched">Whether only SIGTERM means anything: a terminal sends SIGINT and SIGHUP to all of its processes, Slurm
    /// SIGUSR1 to all of a step, and the launcher decides.</param>
    public ShutdownSignals(Action<string> onFirst, Action? beforeExit = null, bool isLaunched = false)
    {
        (_onFirst, _beforeExit) = (onFirst, beforeExit ?? (() => { }));
        Register(PosixSignal.SIGINT, "Ctrl-C", ExitCode.Interrupted, isLaunched);
        Register(PosixSignal.SIGHUP, "SIGHUP", ExitCode.HungUp, isLaunched);
        Register(PosixSignal.SIGTERM, "SIGTERM", ExitCode.Terminated, ignore: false);
        if (!OperatingSystem.IsWindows())
            Register((PosixSignal)User1, "SIGUSR1", ExitCode.User1, isLaunched);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Register(PosixSignal signal, string name, int exitCode, bool ignore) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (!ignore)
                Handle(name, exitCode);
        }));

    private void Handle(string name, int exitCode)
    {
        if (Interlocked.Increment(ref _received) > 1)
        {
            _beforeExit();
            Environment.Exit(exitCode);
        }

        _onFirst(name);
        _stop.Cancel();
    }
}
