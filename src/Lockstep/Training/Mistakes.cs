using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Data;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Training;

/// <summary>Tells the user's mistakes from faults of the program.</summary>
public static class Mistakes
{
    /// <summary>Whether an exception is about the request, so that its message is for the user.</summary>
    public static bool Are(Exception exception) =>
        exception is RequestException or DatasetException or CheckpointException or InterchangeException or RunFolderException
            or TraceException or ListenException or SecretException or CertificateException or ChildStartException;
}
