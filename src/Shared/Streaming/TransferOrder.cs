using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// The order in which examples are sent: as the run takes them from a step on to the end of its epoch, then those that came before it. So
/// a worker can compute a step as soon as its examples are there.
/// </summary>
/// <param name="spec">The run.</param>
/// <param name="step">The step.</param>
internal sealed class TransferOrder(RunSpec spec, long step)
{
    private readonly BatchPosition _from = BatchPosition.Of(spec, Math.Min(step, spec.TotalSteps - 1));
    private int[]? _order;

    /// <summary>Number of examples.</summary>
    public int Count => spec.Data.TrainingExamples;

    /// <summary>The examples that the step itself takes.</summary>
    public int OfFirstStep => _from.Count;

    /// <summary>The example at a position, 0 to <see cref="Count"/> - 1.</summary>
    public int this[int position] => (_order ??= new ExampleOrder(spec).Epoch(_from.Epoch).ToArray())[(_from.First + position) % Count];

    /// <summary>The steps before this one find all their examples among the first <paramref name="examples"/>.</summary>
    public long StepsWithin(int examples) =>
        examples == Count ? long.MaxValue
        : _from.First + examples >= Count ? (_from.Epoch + 1L) * spec.StepsPerEpoch
        : (long)_from.Epoch * spec.StepsPerEpoch + (_from.First + examples) / spec.BatchSize;

    /// <summary>The end of the piece that begins at a position: as many whole examples as fit into a frame, at least one.</summary>
    /// <param name="position">A position.</param>
    /// <param name="bytesOf">Bytes of an example.</param>
    /// <param name="bytes">Bytes of the piece.</param>
    public int PieceEnd(int position, Func<int, int> bytesOf, out int bytes)
    {
        bytes = 0;
        for (int next; position < Count && (bytes + (next = bytesOf(this[position])) <= StreamLimits.DataBytes || bytes == 0); position++)
            bytes += next;
        return position;
    }
}
