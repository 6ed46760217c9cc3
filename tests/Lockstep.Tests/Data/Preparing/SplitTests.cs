using Lockstep.Data;
using Lockstep.Data.Preparing;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>Which examples are held out.</summary>
public sealed class SplitTests : IDisposable
{
    private readonly OwnFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Of_Shares_AreHeldOutOfEachClass()
    {
        byte[] labels = [.. Enumerable.Range(0, 300).Select(i => (byte)(i % 10 == 0 ? 1 : 0))];

        var split = ExampleSplit.Of(labels, new SplitSpec(0.2, 0.1, 1));

        Assert.Equal((210, 60, 30), (split.Training.Length, split.Validation.Length, split.Test.Length));
        Assert.Equal((21, 6, 3), (Ones(split.Training), Ones(split.Validation), Ones(split.Test)));
        Assert.Equal(Enumerable.Range(0, 300), split.Training.Concat(split.Validation).Concat(split.Test).Order());
        Assert.Equal(split.Training.Order(), split.Training);

        int Ones(int[] rows) => rows.Count(row => labels[row] == 1);
    }

    [Fact]
    public void Of_TheKey_ChoosesAndNothingElse()
    {
        byte[] labels = [.. Enumerable.Range(0, 100).Select(i => (byte)(i % 2))];

        int[] first = ExampleSplit.Of(labels, new SplitSpec(null, 0.1, 1)).Test;

        Assert.Equal(first, ExampleSplit.Of(labels, new SplitSpec(null, 0.1, 1)).Test);
        Assert.NotEqual(first, ExampleSplit.Of(labels, new SplitSpec(null, 0.1, 2)).Test);
        Assert.Equal([16, 25, 41, 43, 53], first[..5]); // Pinned: other bytes for everyone's runs.
    }

    [Fact]
    public void Of_ARareClass_KeepsAnExampleForTraining()
    {
        var split = ExampleSplit.Of([0, 0, 0, 0, 1, 2, 2], new SplitSpec(0.9, 0.9, 1));

        Assert.Contains(4, split.Training);
        Assert.Single(split.Training, row => row >= 5);
    }

    [Fact]
    public async Task Files_OfParts_AreTakenAsTheyAre()
    {
        Directory.CreateDirectory(_files.File("parts"));
        _ = _files.Flowers("parts/flowers_train.csv", 60);
        _ = _files.Flowers("parts/flowers_test.csv", 12);

        Dataset data = (await OwnFiles.LoadAsync(_files.File("parts"), OwnFiles.Kind)).Data;

        Assert.Equal((54, 6, 12), (data.TrainingExamples, data.ValidationExamples, data.Test.Count));
        Assert.Equal(new SplitSpec(0.1, null, 1), data.Preparation!.Split);
    }

    [Fact]
    public async Task Files_NamedForAPart_TakeItsPlace()
    {
        PreparationOptions options = OwnFiles.Kind with
        {
            Validation = HeldOut.Parse(_files.Flowers("v.csv", 9)),
            Test = HeldOut.Parse("0.2"),
        };

        Dataset data = (await OwnFiles.LoadAsync(_files.Flowers(), options)).Data;

        Assert.Equal((48, 9, 12), (data.TrainingExamples, data.ValidationExamples, data.Test.Count));
    }

    [Fact]
    public async Task TooFewExamples_AreRefusedWithAWayOut()
    {
        string refused = await OwnFiles.RefusedAsync(_files.Flowers(rows: 4), OwnFiles.Kind);

        Assert.Contains("none is left for", refused);
        Assert.Contains("--validation and --test", refused);
    }

    [Theory]
    [InlineData("0.6", "0.6", "--validation 0.6 and --test 0.6 hold out all examples")]
    [InlineData("0.5", "0.5", "--validation 0.5 and --test 0.5 hold out all examples")]
    [InlineData("0.95", null, "--validation 0.95 and --test 0.1 hold out all examples")]
    public async Task SharesOfAllExamples_AreRefusedWithBothValues(string validation, string? test, string expected)
    {
        PreparationOptions options = OwnFiles.Kind with
        {
            Validation = HeldOut.Parse(validation),
            Test = test is null ? null : HeldOut.Parse(test),
        };

        Assert.StartsWith(expected, await OwnFiles.RefusedAsync(_files.Flowers(), options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.45", "0.45", 6)]
    [InlineData("0.4", "0.4", null)]
    public async Task SharesThatLeaveFewExamples_AreWarnedOf(string validation, string test, int? left)
    {
        PreparationOptions options = OwnFiles.Kind with { Validation = HeldOut.Parse(validation), Test = HeldOut.Parse(test) };

        LoadedDataset loaded = await OwnFiles.LoadAsync(_files.Flowers(), options);

        Assert.Equal(
            left is null ? [] : [$"With --validation {validation} and --test {test} only {left} examples are left to train on. Smaller "
                + "shares leave more."],
            loaded.Notices.Where(notice => !notice.StartsWith("Leak?", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task LabelsThatAreQuantities_AreSentToTarget()
    {
        string refused = await OwnFiles.RefusedAsync(
            _files.Write("year.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 60).Select(row => $"{row % 7},{1900 + row}\n"))));
        string named = await OwnFiles.RefusedAsync(_files.Flowers(), new PreparationOptions { Label = "length" });

        Assert.EndsWith(
            "There are 60 different labels in the column 'y'. Quantities are predicted with --target y in place of --label.", refused,
            StringComparison.Ordinal);
        Assert.Contains("--target length", named);
    }

    [Fact]
    public async Task AClassThatNeverOccursInAPart_IsTold()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(
            _files.Flowers(change: (i, row) => i is 7 or 8 ? "9,9,red,tulip" : row), OwnFiles.Kind);

        Assert.Contains("No example for validation has the class 'tulip'.", loaded.Notices);
        Assert.Contains("No example for the test has the class 'tulip'.", loaded.Notices);
    }

    [Fact]
    public async Task AClassWithASingleExample_IsToldOnce()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(
            _files.Flowers(change: (i, row) => i == 7 ? "9,9,red,tulip" : row), OwnFiles.Kind);

        Assert.Equal(
            "The class 'tulip' has a single example, which cannot be trained on and tested as well. Give more of them, or leave them out.",
            Assert.Single(loaded.Notices, notice => notice.Contains("tulip", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ClassesThatDifferInCaseOnly_AreTold()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(
            _files.Flowers(change: (i, row) => i % 6 == 0 ? row.Replace("rose", "Rose", StringComparison.Ordinal) : row), OwnFiles.Kind);

        Assert.Contains(
            "The classes 'Rose', 'rose' differ only in upper and lower case. If they are one, write them alike.", loaded.Notices);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("-0.5")]
    [InlineData("1.5")]
    public void HeldOut_NumberThatIsNoShare_IsRefused(string text) => Assert.Throws<FormatException>(() => HeldOut.Parse(text));
}
