using System.Diagnostics;
using System.Globalization;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row d: whole commands, from their start to the first epoch with at least 98% on the validation images, both with the best settings that
/// <c>settings</c> (see <see cref="SettingsSearch"/>) and trials on this kind of machine found. Every round has a seed of its own; one that
/// does not get there counts as its whole length and is told.
/// </summary>
internal static class WholeCommands
{
    private const double Target = 0.98;

    private static readonly Settings Ours = new(Batch: 512, Epochs: 5, Rate: 0.3, Keep: 1.0);
    private static readonly (string Name, int Ranks, Settings Settings)[] Theirs =
    [
        ("PyTorch DDP, gloo, 2 processes", 2, new(Batch: 256, Epochs: 4, Rate: 0.3, Keep: 1.0)),
        ("PyTorch, one process", 1, new(Batch: 128, Epochs: 3, Rate: 0.3, Keep: 1.0)),
    ];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        PublishedBuild published = context.Published;
        string data = context.TorchFolder;
        TorchPeer.Require();
        Lockstep(context, published, seed: 1); // Fills the disk cache.
        Peer(data, Theirs[0], seed: 1);
        List<Outcome> ours = [];
        List<Outcome>[] theirs = [[], []];
        for (int round = 0; round < context.Rounds; round++)
        {
            ours.Add(Lockstep(context, published, round + 1));
            for (int i = 0; i < Theirs.Length; i++)
                theirs[i].Add(Peer(data, Theirs[i], round + 1));
        }

        Series lockstep = Seconds($"`lockstep train --workers 2`, {Ours}", ours);
        Series[] peers = [.. Theirs.Select((peer, i) => Seconds($"{peer.Name}, {peer.Settings}", theirs[i]))];
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "d",
                What = "whole command to the first epoch with 98% validation accuracy: DDP's time over ours",
                Figure = peers[0].Over(lockstep, "ratio"),
                Goal = Goal.Least(7, 10),
                Measured = [lockstep, .. peers],
                Note = "cosine schedule over the epochs after 100 steps of warm-up, momentum 0.9, no L2; a seed a round; with loading "
                    + "everything, from the start of the command",
            },
            new Finding
            {
                Row = "d",
                What = "the same with one PyTorch process instead of DDP",
                Figure = peers[1].Over(lockstep, "ratio"),
                Goal = Goal.Least(2.5, 4),
            },
        ]);
    }

    private static Series Seconds(string name, List<Outcome> outcomes)
    {
        int reached = outcomes.Count(outcome => outcome.IsReached);
        return new Series(
            reached == outcomes.Count ? name : $"{name} ({reached} of {outcomes.Count} seeds got there; the others count whole)", "s",
            [.. outcomes.Select(outcome => outcome.Seconds)]);
    }

    private static Outcome Lockstep(BenchContext context, PublishedBuild published, int seed)
    {
        using LockstepRun run = published.Start(
        [
            "train", "--workers", "2", .. context.DataOptions, .. Ours.Options("--batch-size", "--learning-rate", "--keep-prob"),
            "--lr-schedule", "cosine+warmup:100",
            "--seed", $"{seed}", "--out", context.NewRunFolder(), "--quiet",
        ]);
        double? seconds = run.WaitFor<double>(
            () => run.Metrics().Any(row => row.GetProperty("validationAccuracy").GetDouble() >= Target)
                ? run.Clock.Elapsed.TotalSeconds
                : null,
            TimeSpan.FromMinutes(5), "98%");
        run.Wait();
        return new Outcome(seconds ?? run.Clock.Elapsed.TotalSeconds, seconds is not null);
    }

    private static Outcome Peer(string data, (string Name, int Ranks, Settings Settings) peer, int seed)
    {
        IEnumerable<string> arguments =
            [data, .. peer.Settings.Options("--batch", "--rate", "--keep"), "--schedule", "cosine", "--warmup", "100", "--seed", $"{seed}"];
        int port = TorchPeer.FreePort();
        var clock = Stopwatch.StartNew();
        Process[] ranks = [.. Enumerable.Range(0, peer.Ranks).Select(
            rank => Process.Start(TorchPeer.Command("train.py", arguments, rank, peer.Ranks, port))!)];
        try
        {
            double? seconds = null;
            while (ranks[0].StandardOutput.ReadLine() is { } line)
            {
                if (double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) >= Target)
                    seconds ??= clock.Elapsed.TotalSeconds;
            }

            foreach (Process rank in ranks)
                rank.WaitForExit();
            if (ranks.Any(rank => rank.ExitCode != 0))
                throw new InvalidOperationException("train.py failed; its error is above.");
            return new Outcome(seconds ?? clock.Elapsed.TotalSeconds, seconds is not null);
        }
        finally
        {
            foreach (Process rank in ranks)
            {
                if (!rank.HasExited)
                    rank.Kill();
                rank.Dispose();
            }
        }
    }

    private readonly record struct Outcome(double Seconds, bool IsReached);

    private sealed record Settings(int Batch, int Epochs, double Rate, double Keep)
    {
        public IEnumerable<string> Options(string batch, string rate, string keep) =>
            [batch, Text(Batch), "--epochs", Text(Epochs), rate, Text(Rate), keep, Text(Keep)];

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"B={Batch}, {Epochs} epochs, rate {Rate}, keep {Keep}");

        private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
    }
}
