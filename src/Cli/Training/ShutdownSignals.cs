using System.Runtime.InteropServices;

namespace Lockstep.Cli.Training;

/// <summary>The first SIGINT or SIGTERM asks to stop in good order; the second ends the process at once.</summary>
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
    /// <param name="ignoreInterrupt">Whether SIGINT means nothing.</param>
    public ShutdownSignals(Action<string> onFirst, Action? beforeExit = null, bool ignoreInterrupt = false)
    {
        (_onFirst, _beforeExit) = (onFirst, beforeExit ?? (() => { }));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (!ignoreInterrupt)
                Handle(context, "Ctrl-C", ExitCode.Interrupted);
        }));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, "SIGTERM", ExitCode.Terminated)));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context, string name, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _received) > 1)
        {
            _beforeExit();
            Environment.Exit(exitCode);
        }

        _onFirst(name);
        _stop.Cancel();
    }
}
