using Lockstep.Model.Specs;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// The rule that ends a run early as an entry of a run spec, and its state in checkpoints. From version 5 on; from version 6 on it may be
/// nil.
/// </summary>
internal static class StopCodec
{
    /// <summary>Values of a state.</summary>
    public const int StateValues = 3;

    /// <summary>Writes key and map, or nil for none.</summary>
    public static void Write(ref MessagePackWriter writer, StopSpec? stop)
    {
        writer.Write("stop");
        if (stop is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(4);
        writer.Write("metric");
        writer.Write((int)stop.Metric);
        writer.Write("target");
        if (stop.Target is { } target)
            writer.Write(target);
        else
            writer.WriteNil();
        writer.Write("patience");
        if (stop.Patience is { } patience)
            writer.Write(patience);
        else
            writer.WriteNil();
        writer.Write("everySteps");
        writer.Write(stop.EverySteps);
    }

    /// <summary>Reads key and map.</summary>
    /// <exception cref="FormatException">It is something else, or a value is out of range.</exception>
    public static StopSpec? Read(ref MessagePackReader reader)
    {
        reader.ExpectKey("stop");
        if (reader.TryReadNil())
            return null;
        reader.ExpectMap(4);
        reader.ExpectKey("metric");
        var metric = (ValidationMetric)reader.ReadInt32("metric", 0, (int)ValidationMetric.R2);
        reader.ExpectKey("target");
        double? target = reader.TryReadNil() ? null : reader.ReadDouble("target", StopSpec.RangeOf(metric));
        reader.ExpectKey("patience");
        int? patience = reader.TryReadNil() ? null : reader.ReadInt32("patience", Ranges.Patience);
        reader.ExpectKey("everySteps");
        long everySteps = reader.ReadInt64("everySteps", Ranges.TotalSteps);
        if (target is null && patience is null)
            throw new FormatException("a rule that ends the run early with neither target nor patience.");
        return new StopSpec { Metric = metric, Target = target, Patience = patience, EverySteps = everySteps };
    }

    /// <summary>Writes the <see cref="StateValues"/> values of a state.</summary>
    public static void WriteState(ref MessagePackWriter writer, StopState state)
    {
        if (state.Best is { } best)
            writer.Write(best);
        else
            writer.WriteNil();
        writer.Write(state.BestStep);
        writer.Write(state.SinceBest);
    }

    /// <summary>Reads the values of a state.</summary>
    /// <param name="reader">Where they stand.</param>
    /// <param name="step">The step of the checkpoint.</param>
    /// <exception cref="FormatException">A value is out of range.</exception>
    public static StopState ReadState(ref MessagePackReader reader, long step)
    {
        double? best = reader.TryReadNil() ? null : reader.ReadDouble();
        if (best is { } value && double.IsNaN(value))
            throw new FormatException("the best validation result is NaN.");
        long bestStep = reader.ReadInt64("bestStep", best is null ? 0 : 1, best is null ? 0 : step);
        return new StopState(best, bestStep, reader.ReadInt32("sinceBest", 0, int.MaxValue));
    }
}
