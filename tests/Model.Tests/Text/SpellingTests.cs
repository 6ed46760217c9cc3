using Lockstep.Model.Text;

namespace Lockstep.Model.Tests.Text;

public class SpellingTests
{
    private static readonly string[] Names = ["--workers", "--batch-size", "--keep-prob", "--epochs", "--steps"];

    [Theory]
    [InlineData("--wrokers", "--workers")]
    [InlineData("--worker", "--workers")]
    [InlineData("--batchsize", "--batch-size")]
    [InlineData("--keep-probability", "--keep-prob")]
    [InlineData("--Epochs", "--epochs")]
    public void Nearest_Mistyped_IsWhatWasMeant(string typed, string meant) => Assert.Equal(meant, Spelling.Nearest(typed, Names));

    [Theory]
    [InlineData("--frobnicate")]
    [InlineData("x")]
    [InlineData("")]
    public void Nearest_NothingAlike_IsNull(string typed) => Assert.Null(Spelling.Nearest(typed, Names));

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("same", "same", 0)]
    public void Distance_TwoWords_CountsEdits(string a, string b, int expected) => Assert.Equal(expected, Spelling.Distance(a, b));
}
