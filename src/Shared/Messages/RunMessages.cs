namespace Lockstep.Shared.Messages;

// Messages between a worker and coordinators over Akka. They carry membership only: run spec, data, assignments, weights and gradients go
// over the tensor stream that RunOffered announces.
//
//   worker                    every coordinator that it knows
//     | -- FindLeader ------------> |      answered by LeaderFound or JoinRefused; then the worker joins the leader's cluster
//
//   worker                    leader
//     | -- JoinRun ---------------> |      answered by RunOffered, JoinRefused or RunEnded
//     | <------------- RunOffered - |      answered by connecting to the tensor stream
//     |   ... tensor stream ...     |

/// <summary>A message of the protocol between worker and coordinator.</summary>
public interface IRunMessage;

/// <summary>
/// Worker -> any coordinator: who leads? Answered by <see cref="LeaderFound"/>, or <see cref="JoinRefused"/> if the versions differ;
/// repeated until one leads.
/// </summary>
/// <param name="Version">Version of Lockstep.</param>
public sealed record FindLeader(string Version) : IRunMessage;

/// <summary>Coordinator -> worker: the leader as far as it knows. No answer.</summary>
/// <param name="Leader">HOST:PORT of the leader; empty if unknown.</param>
/// <param name="IsLeading">Whether it leads itself.</param>
/// <param name="Step">Completed steps of the run.</param>
/// <param name="Workers">Its workers, if it leads.</param>
/// <param name="Term">The term that it leads with or follows.</param>
public sealed record LeaderFound(string Leader, bool IsLeading, long Step, int Workers, int Term) : IRunMessage;

/// <summary>
/// Worker -> leader: let me take part. Answered by <see cref="RunOffered"/> or <see cref="JoinRefused"/>; repeated until then.
/// </summary>
/// <param name="Worker">The sender.</param>
/// <param name="Attempt">
/// Number of the requested session of this node. A new number shows that the previous session's stream has ended.
/// </param>
public sealed record JoinRun(WorkerInfo Worker, int Attempt) : IRunMessage;

/// <summary>Coordinator -> worker: connect to the tensor stream with this token. Answered by the connection.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term; messages and frames of older terms are ignored.</param>
/// <param name="StreamHost">Host name or address of the tensor stream.</param>
/// <param name="StreamPort">Its port.</param>
/// <param name="Token">Valid once, for this worker, for a short time.</param>
public sealed record RunOffered(ulong Run, int Term, string StreamHost, int StreamPort, byte[] Token) : IRunMessage
{
    /// <summary>Compares tokens by content.</summary>
    public bool Equals(RunOffered? other) =>
        other is not null && (Run, Term, StreamHost, StreamPort) == (other.Run, other.Term, other.StreamHost, other.StreamPort)
        && Token.AsSpan().SequenceEqual(other.Token);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Run, Term, StreamHost, StreamPort);

    /// <summary>Omits the token, which is secret.</summary>
    public override string ToString() => $"{nameof(RunOffered)} {{ Run = {Run:x16}, Term = {Term}, Stream = {StreamHost}:{StreamPort} }}";
}

/// <summary>Coordinator -> worker: you cannot take part. No answer; the worker ends.</summary>
/// <param name="Reason">The reason and what to do, for people.</param>
public sealed record JoinRefused(string Reason) : IRunMessage;

/// <summary>Coordinator -> worker: the run is over. No answer; the worker ends.</summary>
/// <param name="Completed">Whether all steps are done.</param>
/// <param name="Reason">What happened, for people.</param>
public sealed record RunEnded(bool Completed, string Reason) : IRunMessage;

/// <summary>What a worker says about itself, for messages and the version check. Its identity is its unique cluster address.</summary>
/// <param name="Host">Name of its machine.</param>
/// <param name="ProcessId">Its process id there, or that of the coordinator's ssh that started it.</param>
/// <param name="Lanes">Compute threads, ≥ 1.</param>
/// <param name="Version">Version of Lockstep.</param>
/// <param name="Processor">Processor type and vector width, such as <c>X64, 512-bit vectors</c>.</param>
/// <param name="HeldData">Digest of the examples that it holds from an earlier session; empty for none.</param>
public sealed record WorkerInfo(string Host, int ProcessId, int Lanes, string Version, string Processor, string HeldData);
