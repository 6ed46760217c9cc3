using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// The optimizer of a run spec as a MessagePack map. Version 1 of the spec supports only gradient descent, without a name. Later ones begin
/// with the optimizer's name, then the common settings, then its own.
/// </summary>
internal static class OptimizerCodec
{
    private const int MaxNameBytes = 32;

    /// <param name="writer">Receives the map.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="isNamed">Whether gradient descent has a name, as from version 2 on.</param>
    public static void Write(ref MessagePackWriter writer, OptimizerSpec optimizer, bool isNamed)
    {
        switch (optimizer)
        {
            case SgdSpec sgd:
                writer.WriteMapHeader(isNamed ? 9 : 8);
                if (isNamed)
                    WriteName(ref writer, sgd);
                WriteRate(ref writer, sgd);
                Write(ref writer, "momentum", sgd.Momentum);
                Write(ref writer, "l2", sgd.L2);
                break;
            case AdamWSpec adamW:
                writer.WriteMapHeader(12);
                WriteName(ref writer, adamW);
                WriteRate(ref writer, adamW);
                Write(ref writer, "l2", adamW.L2);
                Write(ref writer, "beta1", adamW.Beta1);
                Write(ref writer, "beta2", adamW.Beta2);
                Write(ref writer, "epsilon", adamW.Epsilon);
                Write(ref writer, "weightDecay", adamW.WeightDecay);
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
            return ReadSgd(ref reader);
        }

        int entries = reader.ReadMapHeader();
        reader.ExpectKey("name");
        string name = reader.ReadText(MaxNameBytes);
        return (name, entries) switch
        {
            (AdamWSpec.Kind, 12) => ReadAdamW(ref reader),
            (SgdSpec.Kind, 9) when version > 2 => ReadSgd(ref reader),
            _ => throw new FormatException(
                $"the optimizer {ForeignText.Quote(name)} with {entries} entries, expected {AdamWSpec.Kind} with 12."),
        };
    }

    private static void WriteName(ref MessagePackWriter writer, OptimizerSpec optimizer)
    {
        writer.Write("name");
        writer.Write(optimizer.Name);
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

    private static SgdSpec ReadSgd(ref MessagePackReader reader)
    {
        (double rate, LearningRateSchedule schedule) = ReadRate(ref reader);
        double momentum = Read(ref reader, "momentum", Ranges.Momentum);
        return new SgdSpec { LearningRate = rate, Schedule = schedule, Momentum = momentum, L2 = Read(ref reader, "l2", Ranges.Penalty) };
    }

    private static AdamWSpec ReadAdamW(ref MessagePackReader reader)
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
