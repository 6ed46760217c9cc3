using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>What the host gives the coordinator actor.</summary>
/// <param name="Options">The training.</param>
/// <param name="State">Identity and initial state of the run.</param>
/// <param name="Data">The examples for the workers, digested once in the background.</param>
/// <param name="Tokens">Tokens that the tensor listener accepts, by the worker's unique address in the cluster.</param>
/// <param name="StreamHost">Address of the tensor listener, as workers reach it.</param>
/// <param name="StreamPort">Port of the tensor listener.</param>
/// <param name="Events">Receives all events.</param>
/// <param name="Result">Completed at the end of the run.</param>
internal sealed record CoordinatorContext(
    TrainingOptions Options, RunState State, Lazy<TrainingData> Data, StreamTokens Tokens, string StreamHost, int StreamPort,
    IProgress<RunEvent> Events, TaskCompletionSource<RunResult> Result);
