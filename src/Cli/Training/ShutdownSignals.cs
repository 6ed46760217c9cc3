using System.Runtime.InteropServices;

namespace Lockstep.Cli.Training;

/// <summary>The first SIGINT, SIGTERM or SIGHUP asks to stop in good order; the second ends the process at once.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action<string> _onFirst;
    private readonly Action _beforeExit;
    private int _received;

    /// <summary>Listens until disposed.</summary>
    /// <param name="onFirst">Told the name of the first signal.</param>
    /// <param name="beforeExit">Called before the process ends at the second.</param>
    /// <param name="ignoreTerminal">Whether SIGINT and SIGHUP mean nothing: a terminal sends them to all of its processes.</param>
    public ShutdownSignals(Action<string> onFirst, Action? beforeExit = null, bool ignoreTerminal = false)
    {
        (_onFirst, _beforeExit) = (onFirst, beforeExit ?? (() => { }));
        Register(PosixSignal.SIGINT, "Ctrl-C", ExitCode.Interrupted, ignoreTerminal);
        Register(PosixSignal.SIGHUP, "SIGHUP", ExitCode.HungUp, ignoreTerminal);
        Register(PosixSignal.SIGTERM, "SIGTERM", ExitCode.Terminated, ignore: false);
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
