using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// The optimizer of a run spec as a MessagePack map. Version 1 of the spec supports only gradient descent, without a name. Later ones begin
/// with the optimizer's name, then the common settings, then its own. From version 4 on the norm of clipped gradients follows, and of
/// gradient descent whether its momentum is Nesterov's.
/// </summary>
internal static class OptimizerCodec
{
    private const int MaxNameBytes = 32;

    // Versions from which on there are other optimizers than gradient descent, a name for it, and clipped gradients.
    private const int NamedVersion = 2, ClippedVersion = 4;

    /// <param name="writer">Receives the map.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="version">Version of the spec.</param>
    public static void Write(ref MessagePackWriter writer, OptimizerSpec optimizer, int version)
    {
        bool isNamed = version >= NamedVersion, isClipped = version >= ClippedVersion;
        switch (optimizer)
        {
            case SgdSpec sgd:
                writer.WriteMapHeader(isClipped ? 11 : isNamed ? 9 : 8);
                if (isNamed)
                    WriteName(ref writer, SgdSpec.Kind);
                WriteRate(ref writer, sgd);
                Write(ref writer, "momentum", sgd.Momentum);
                Write(ref writer, "l2", sgd.L2);
                if (isClipped)
                {
                    WriteClipNorm(ref writer, sgd);
                    writer.Write("nesterov");
                    writer.Write(sgd.IsNesterov);
                }

                break;
            case AdamWSpec adamW:
                writer.WriteMapHeader(isClipped ? 13 : 12);
                WriteName(ref writer, AdamWSpec.Kind);
                WriteRate(ref writer, adamW);
                Write(ref writer, "l2", adamW.L2);
                Write(ref writer, "beta1", adamW.Beta1);
                Write(ref writer, "beta2", adamW.Beta2);
                Write(ref writer, "epsilon", adamW.Epsilon);
                Write(ref writer, "weightDecay", adamW.WeightDecay);
                if (isClipped)
                    WriteClipNorm(ref writer, adamW);
                break;
            default:
                throw new NotSupportedException($"The optimizer {optimizer.Name} has no form in files.");
        }
    }

    public static OptimizerSpec Read(ref MessagePackReader reader, int version)
    {
        if (version == 1)
        {
            reader.ExpectMap(8);
            return ReadSgd(ref reader, isClipped: false);
        }

        bool isClipped = version >= ClippedVersion;
        int adamWEntries = isClipped ? 13 : 12, sgdEntries = isClipped ? 11 : 9;
        int entries = reader.ReadMapHeader();
        reader.ExpectKey("name");
        string name = reader.ReadText(MaxNameBytes);
        return name switch
        {
            AdamWSpec.Kind when entries == adamWEntries => ReadAdamW(ref reader, isClipped),
            SgdSpec.Kind when entries == sgdEntries && version > NamedVersion => ReadSgd(ref reader, isClipped),
            _ => throw new FormatException(
                $"the optimizer {ForeignText.Quote(name)} with {entries} entries, expected {AdamWSpec.Kind} with {adamWEntries}"
                    + (version > NamedVersion ? $" or {SgdSpec.Kind} with {sgdEntries}." : ".")),
        };
    }

    private static void WriteName(ref MessagePackWriter writer, string name)
    {
        writer.Write("name");
        writer.Write(name);
    }

    private static void WriteClipNorm(ref MessagePackWriter writer, OptimizerSpec optimizer)
    {
        writer.Write("clipNorm");
        if (optimizer.ClipNorm is { } norm)
            writer.Write(norm);
        else
            writer.WriteNil();
    }

    private static double? ReadClipNorm(ref MessagePackReader reader)
    {
        reader.ExpectKey("clipNorm");
        return reader.TryReadNil() ? null : reader.ReadDouble("clipNorm", Ranges.ClipNorm);
    }

    private static bool ReadNesterov(ref MessagePackReader reader)
    {
        reader.ExpectKey("nesterov");
        return reader.ReadBoolean();
    }

    private static void WriteRate(ref MessagePackWriter writer, OptimizerSpec optimizer)
    {
        LearningRateSchedule schedule = optimizer.Schedule;
        Write(ref writer, "learningRate", optimizer.LearningRate);
        writer.Write("schedule");
        writer.Write((int)schedule.Kind);
        writer.Write("everyEpochs");
        writer.Write(schedule.EveryEpochs);
        Write(ref writer, "factor", schedule.Factor);
        Write(ref writer, "finalShare", schedule.FinalShare);
        writer.Write("warmupSteps");
        writer.Write(schedule.WarmupSteps);
    }

    private static SgdSpec ReadSgd(ref MessagePackReader reader, bool isClipped)
    {
        (double rate, LearningRateSchedule schedule) = ReadRate(ref reader);
        return new SgdSpec
        {
            LearningRate = rate,
            Schedule = schedule,
            Momentum = Read(ref reader, "momentum", Ranges.Momentum),
            L2 = Read(ref reader, "l2", Ranges.Penalty),
            ClipNorm = isClipped ? ReadClipNorm(ref reader) : null,
            IsNesterov = isClipped && ReadNesterov(ref reader),
        };
    }

    private static AdamWSpec ReadAdamW(ref MessagePackReader reader, bool isClipped)
    {
        (double rate, LearningRateSchedule schedule) = ReadRate(ref reader);
        return new AdamWSpec
        {
            LearningRate = rate,
            Schedule = schedule,
            L2 = Read(ref reader, "l2", Ranges.Penalty),
            Beta1 = Read(ref reader, "beta1", Ranges.Momentum),
            Beta2 = Read(ref reader, "beta2", Ranges.Momentum),
            Epsilon = Read(ref reader, "epsilon", Ranges.Epsilon),
            WeightDecay = Read(ref reader, "weightDecay", Ranges.Penalty),
            ClipNorm = isClipped ? ReadClipNorm(ref reader) : null,
        };
    }

    private static (double Rate, LearningRateSchedule Schedule) ReadRate(ref MessagePackReader reader)
    {
        double rate = Read(ref reader, "learningRate", Ranges.LearningRate);
        reader.ExpectKey("schedule");
        var kind = (ScheduleKind)reader.ReadInt32("schedule", (int)ScheduleKind.Constant, (int)ScheduleKind.Cosine);
        reader.ExpectKey("everyEpochs");
        int everyEpochs = reader.ReadInt32("everyEpochs", Ranges.EveryEpochs);
        double factor = Read(ref reader, "factor", Ranges.DropFactor);
        double finalShare = Read(ref reader, "finalShare", Ranges.FinalShare);
        reader.ExpectKey("warmupSteps");
        long warmupSteps = reader.ReadInt64("warmupSteps", Ranges.WarmupSteps);
        return (
            rate,
            new LearningRateSchedule
            {
                Kind = kind,
                EveryEpochs = everyEpochs,
                Factor = factor,
                FinalShare = finalShare,
                WarmupSteps = warmupSteps,
            });
    }

    private static void Write(ref MessagePackWriter writer, string key, double value)
    {
        writer.Write(key);
        writer.Write(value);
    }

    private static double Read(ref MessagePackReader reader, string key, NumberRange<double> range)
    {
        reader.ExpectKey(key);
        return reader.ReadDouble(key, range);
    }
}
