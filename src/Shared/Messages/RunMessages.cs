namespace Lockstep.Shared.Messages;

// The conversation between a worker and the coordinator over Akka. It carries who takes part in which run, and nothing of a step:
// run spec, data, assignments, weights and gradients go over the tensor stream that RunOffered invites to.
//
//   worker                    coordinator
//     | -- JoinRun ---------------> |      answered by RunOffered or JoinRefused
//     | <------------- RunOffered - |      answered by connecting to the tensor stream
//     |   ... tensor stream ...     |
//     | <--------------- RunEnded - |      the worker stops

// The conversation of standbys. A standby asks the leading coordinator as a worker does, and is answered in the same way; what is replicated goes over
// its tensor stream. When the leader is gone, it asks every node that it knows to promise it a term of its own.
//
//   standby                   coordinator            standby                     every other node
//     | -- StandBy ---------------> |                  | -- AskPromise -----------> |
//     | <------------- RunOffered - |                  | <-------- PromiseAnswered - |

/// <summary>A message of the protocol between worker and coordinator.</summary>
public interface IRunMessage;

/// <summary>Worker -> coordinator: let me take part. Answer: <see cref="RunOffered"/> or <see cref="JoinRefused"/>; sent again until one comes.</summary>
/// <param name="Worker">Who asks.</param>
public sealed record JoinRun(WorkerInfo Worker) : IRunMessage;

/// <summary>Coordinator -> worker: connect to the tensor stream with this token. Answer: the connection.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">Incarnation of the coordinator; messages and frames of an older one are void.</param>
/// <param name="StreamHost">Host name or address of the tensor stream.</param>
/// <param name="StreamPort">Its port.</param>
/// <param name="Token">Valid once, for this worker, for a short time.</param>
public sealed record RunOffered(ulong Run, int Term, string StreamHost, int StreamPort, byte[] Token) : IRunMessage
{
    /// <summary>Equal tokens are equal bytes.</summary>
    public bool Equals(RunOffered? other) =>
        other is not null && (Run, Term, StreamHost, StreamPort) == (other.Run, other.Term, other.StreamHost, other.StreamPort)
        && Token.AsSpan().SequenceEqual(other.Token);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Run, Term, StreamHost, StreamPort);

    /// <summary>Without the token, which is a secret.</summary>
    public override string ToString() => $"{nameof(RunOffered)} {{ Run = {Run:x16}, Term = {Term}, Stream = {StreamHost}:{StreamPort} }}";
}

/// <summary>Coordinator -> worker: you cannot take part. No answer; the worker ends.</summary>
/// <param name="Reason">Why, and what to do, for people.</param>
public sealed record JoinRefused(string Reason) : IRunMessage;

/// <summary>Coordinator -> worker: the run is over. No answer; the worker ends.</summary>
/// <param name="Completed">Whether all steps are done.</param>
/// <param name="Reason">What happened, for people.</param>
public sealed record RunEnded(bool Completed, string Reason) : IRunMessage;

/// <summary>What a worker tells of itself, for people and for the version check. Identity is its unique address in the cluster, not this.</summary>
/// <param name="Host">Name of its machine.</param>
/// <param name="ProcessId">Its process there, or the coordinator's ssh that has started it.</param>
/// <param name="Lanes">Compute threads, ≥ 1.</param>
/// <param name="Version">Version of Lockstep.</param>
/// <param name="Processor">Kind of processor and vector width, such as <c>X64, 512-bit vectors</c>.</param>
/// <param name="HeldImages">Digest of the images that it still has from an earlier session; empty for none.</param>
public sealed record WorkerInfo(string Host, int ProcessId, int Lanes, string Version, string Processor, string HeldImages);

/// <summary>Standby -> leading coordinator: let me have what you save. Answer: <see cref="RunOffered"/> or <see cref="JoinRefused"/>; sent again until one comes.</summary>
/// <param name="Version">Version of Lockstep.</param>
public sealed record StandBy(string Version) : IRunMessage;

/// <summary>Standby -> every other node: promise to follow nobody of an older term. Answer: <see cref="PromiseAnswered"/>; sent again until enough have come.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The term that the standby would lead with.</param>
/// <param name="IsTrial">Whether it only asks if the node would.</param>
public sealed record AskPromise(ulong Run, int Term, bool IsTrial) : IRunMessage;

/// <summary>Any node -> standby. No answer.</summary>
/// <param name="Run">As asked.</param>
/// <param name="Term">As asked.</param>
/// <param name="IsTrial">As asked.</param>
/// <param name="IsPromised">Whether it is promised, or would be: not where the node hears the leader, or has just promised another standby to follow it.</param>
/// <param name="Newest">The newest term that the node knows of.</param>
public sealed record PromiseAnswered(ulong Run, int Term, bool IsTrial, bool IsPromised, int Newest) : IRunMessage;
