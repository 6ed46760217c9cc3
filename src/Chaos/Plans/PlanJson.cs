using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Chaos.Plans;

/// <summary>Plans as JSON, which people may write. Reports every mistake at once.</summary>
internal static class PlanJson
{
    public const double MostSeconds = 86_400;
    private const int MostFaults = 10_000;

    private static readonly string[] PlanKeys = ["seed", "workers", "minutes", "faults"];
    private static readonly string[] FaultKeys = ["at", "fault", "worker", "coordinator", "seconds", "megabytesPerSecond"];
    private static readonly string[] Kinds = [.. FaultKinds.All.Select(FaultKinds.NameOf)];
    private static readonly string[] Roles = [.. Enum.GetValues<CoordinatorRole>().Select(FaultKinds.NameOf)];
    private static readonly NumberRange<int> Workers = Range(1, 64, "whole number");
    private static readonly NumberRange<int> Victims = Range(1, MostFaults, "whole number");
    private static readonly NumberRange<double> Minutes = Range(0.05, MostSeconds / 60, "number");
    private static readonly NumberRange<double> Times = Range(0.0, MostSeconds, "number");
    private static readonly NumberRange<double> Durations = Range(0.1, 3600, "number");
    private static readonly NumberRange<double> Rates = Range(0.01, 100_000, "number");

    /// <summary>Writes a plan; <see cref="Read"/> reads it.</summary>
    public static void Write(Utf8JsonWriter writer, ChaosPlan plan)
    {
        var written = new Plan(plan.Seed, plan.Workers, Math.Round(plan.Seconds / 60, 6), [.. plan.Faults.Select(FaultJson.Of)]);
        JsonSerializer.Serialize(writer, written, PlanContext.Default.Plan);
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What to call it in messages, such as the file's name.</param>
    /// <exception cref="RequestException">It is not a plan; the messages have every mistake.</exception>
    public static ChaosPlan Read(ReadOnlyMemory<byte> json, string name)
    {
        var problems = new Problems();
        ChaosPlan? plan = null;
        using (var file = JsonInput.Parse(json, name, problems.Add))
        {
            if (file is not null)
                plan = ReadPlan(file.Root);
        }

        problems.ThrowIfAny();
        return plan!;
    }

    private static ChaosPlan? ReadPlan(JsonPart root)
    {
        if (!root.IsObject(PlanKeys, """{ "workers": 3, "faults": [ { "at": 5, "fault": "kill", "worker": 1 } ] }"""))
            return null;
        int workers = root.WholeNumber("workers", Workers) ?? 3;
        double? minutes = root.Number("minutes", Minutes);
        ulong? seed = ReadSeed(root);
        var faults = new List<(Fault Fault, JsonPart Part)>();
        foreach (JsonPart part in root.Items("faults", 0, MostFaults))
        {
            if (ReadFault(part) is { } fault)
                faults.Add((fault, part));
        }

        (Fault Fault, JsonPart Part)[] ordered = [.. faults.OrderBy(fault => fault.Fault.At)];
        CheckOrder(workers, ordered);
        double seconds = minutes * 60 ?? (ordered.Length == 0 ? 5 : ordered.Max(fault => fault.Fault.Ends) + 2);
        return new ChaosPlan(workers, seconds, [.. ordered.Select(fault => fault.Fault)]) { Seed = seed };
    }

    private static ulong? ReadSeed(JsonPart root)
    {
        if (root.Find("seed") is not { } part)
            return null;
        if (!part.IsText && ulong.TryParse(part.Scalar, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            return seed;
        part.Report($"it is {part.Words}; expected a whole number, or leave it out");
        return null;
    }

    private static Fault? ReadFault(JsonPart part)
    {
        if (!part.IsObject(FaultKeys, """{ "at": 5, "fault": "kill", "worker": 1 }"""))
            return null;
        double? at = part.Number("at", Times, isRequired: true);
        if (part.Choice("fault", Kinds, isRequired: true) is not { } kindName)
            return null;
        FaultKind kind = FaultKinds.All[Array.IndexOf(Kinds, kindName)];
        bool ofCoordinator = FaultKinds.HasVictim(kind) && part.Find("coordinator") is not null;
        CoordinatorRole? role = null;
        if (ofCoordinator && part.Choice("coordinator", Roles) is { } roleName)
            role = Enum.GetValues<CoordinatorRole>()[Array.IndexOf(Roles, roleName)];
        bool hasWorker = FaultKinds.HasVictim(kind) && !ofCoordinator;
        bool lasts = FaultKinds.Lasts(kind, ofCoordinator);
        bool isSlow = kind == FaultKind.Slow;
        int? worker = hasWorker ? part.WholeNumber("worker", Victims, isRequired: true) : 0;
        double? seconds = lasts ? part.Number("seconds", Durations, isRequired: true) : 0;
        double? rate = isSlow ? part.Number("megabytesPerSecond", Rates, isRequired: true) : 0;
        (string, bool)[] details =
            [("worker", hasWorker), ("coordinator", ofCoordinator), ("seconds", lasts), ("megabytesPerSecond", isSlow)];
        foreach ((string key, bool belongs) in details)
        {
            if (!belongs && part.Find(key) is not null)
                part.Report(key, $"it does not belong to a {kindName}{(ofCoordinator ? " of a coordinator" : "")}; leave it out");
        }

        if (at is null || worker is null || seconds is null || rate is null)
            return null;
        return new Fault(at.Value, kind)
        {
            Worker = worker.Value,
            Coordinator = role,
            Seconds = seconds.Value,
            MegabytesPerSecond = rate.Value,
        };
    }

    /// <summary>Reports faults of workers that are not there, and those that begin before an earlier one of the process is over.</summary>
    private static void CheckOrder(int workers, (Fault Fault, JsonPart Part)[] faults)
    {
        var roster = new PlanRoster(workers);
        foreach ((Fault fault, JsonPart part) in faults)
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"{fault} at {fault.At:0.###} s");
            if (fault.Worker > 0 && roster.WhyAbsent(fault.Worker) is { } why)
            {
                part.Report($"{what}: worker {fault.Worker} is not there, {why}");
                continue;
            }

            if (fault.Worker > 0 && roster.IsBusy(fault.Worker, fault.At))
                part.Report($"{what}: an earlier fault of worker {fault.Worker} lasts until later. Let it end first");
            if (PlanRoster.VictimOf(fault) is { } role && roster.IsBusy(role, fault.At))
                part.Report($"{what}: an earlier fault of the {FaultKinds.NameOf(role)} lasts until later. Let it end first");
            roster.Apply(fault);
        }
    }

    private static NumberRange<T> Range<T>(T least, T most, string kind)
        where T : struct, INumber<T> =>
        new(
            least,
            most,
            ExcludesMin: false,
            ExcludesMax: false,
            string.Create(CultureInfo.InvariantCulture, $"a {kind} from {least} to {most:#,0}"));

    /// <summary>A plan as it is written.</summary>
    /// <param name="Seed">What it was drawn from; absent for one that a person wrote.</param>
    /// <param name="Workers">Workers that it begins with.</param>
    /// <param name="Minutes">How long the run goes on.</param>
    /// <param name="Faults">What happens, the earliest first.</param>
    internal sealed record Plan(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Seed,
        int Workers,
        double Minutes,
        IReadOnlyList<FaultJson> Faults);
}
