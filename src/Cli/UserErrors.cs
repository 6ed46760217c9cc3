using Lockstep.Cli.Hosting;
using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Model.Data;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli;

/// <summary>Which exceptions mean that the input is wrong: their messages are for the user, and the exit code is 2.</summary>
internal static class UserErrors
{
    public static bool Is(Exception exception) =>
        exception is UserErrorException or DatasetException or CheckpointException or InterchangeException or RunFolderException or TraceException or ListenException or SecretException
            or CertificateException or ChildStartException;

    /// <summary>What to tell the user, a paragraph each.</summary>
    public static IReadOnlyList<string> MessagesOf(Exception exception) =>
        exception is UserErrorException error ? error.Messages
        : ResourceLimits.Explain(exception) is { } limit ? [$"{exception.Message} {limit}"]
        : [exception.Message];
}
